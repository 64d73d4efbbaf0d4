import type { ComponentChildren } from 'preact';
import { LanguageSelect } from '../menu/language-select.tsx';
import { Logo } from '../styles/logo.tsx';

/** The head of the portal's pages: the way home, the language, and what the page adds. */
export function PortalHead({ children }: { children?: ComponentChildren }) {
  return (
    <header class="portal-head">
      <a class="wordmark" href="/">
        <Logo /> <span class="wordmark-words">Rackside</span>
      </a>
      <span class="bar-space" />
      <LanguageSelect />
      {children}
    </header>
  );
}
