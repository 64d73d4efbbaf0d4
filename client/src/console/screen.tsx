import type { ComponentChildren, RefObject } from 'preact';
import { useEffect } from 'preact/hooks';
import type { Display } from '../display/display.ts';
import { usePreferences } from '../preferences/preferences-context.tsx';
import type { ConsoleSession } from './console-session.ts';
import { isLive, type Page } from './page-state.ts';
import { StateCard } from './state-card.tsx';
import type { Input } from './use-input.ts';

interface Props {
  readonly page: Page;
  readonly display: Display;
  readonly input: Input;
  readonly session: ConsoleSession;
  readonly surface: RefObject<HTMLDivElement>;
  /** What lies over the top of the picture. */
  readonly children: ComponentChildren;
}

/** The machine's picture, or the last of it dimmed under a card that says what is going on. */
export function Screen({ page, display, input, session, surface, children }: Props) {
  const { t, preferences } = usePreferences();
  const live = isLive(page.phase);

  useEffect(() => {
    if (surface.current) input.attach(display.mount(surface.current));
  }, [display, input, surface]);

  useEffect(() => display.zoom(preferences.zoom), [display, preferences.zoom]);

  return (
    <main class="screen">
      <div
        ref={surface}
        class="surface"
        data-testid="display"
        data-zoom={preferences.zoom}
        data-dimmed={!live}
        role="application"
        tabIndex={0}
        aria-label={t('page.display', { machine: page.console?.machineName ?? '' })}
        aria-describedby="display-help"
      />
      <p id="display-help" class="visually-hidden">
        {t('page.displayHelp')}
      </p>
      {children}
      {!live && <StateCard page={page} session={session} />}
    </main>
  );
}
