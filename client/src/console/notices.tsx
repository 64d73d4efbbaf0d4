import { usePreferences } from '../preferences/preferences-context.tsx';
import { IdleWarning } from './idle-warning.tsx';
import type { Page } from './page-state.ts';
import type { Extend } from './use-extend.ts';

interface Props {
  readonly page: Page;
  readonly extend: Extend;
  /** A person did something that does not go to the machine. */
  readonly onStir: () => void;
  /** Whether what a person does goes to the machine, which keeps the console by itself. */
  readonly active: boolean;
}

/** What the page has to say over the top of the picture, which goes on and takes input. */
export function Notices({ page, extend, onStir, active }: Props) {
  const { t, time } = usePreferences();
  const { fault, done } = extend;
  return (
    <div class="banners">
      <IdleWarning page={page} onStir={active ? null : onStir} />
      <div role="status">
        {fault !== null && (
          <p class="banner" data-tone="bad" data-testid="extend-fault" data-code={fault}>
            {t('extend.failed')} {t(`error.${fault}`)}
          </p>
        )}
        {done && page.console && (
          <p class="visually-hidden">
            {t('extend.done', { time: time(new Date(page.console.expiresAt)) })}
          </p>
        )}
      </div>
    </div>
  );
}
