import type { Extend } from '../console/use-extend.ts';
import { usePreferences } from '../preferences/preferences-context.tsx';

interface Props {
  /** Whether the console was shared with whoever looks: theirs is not to close it. */
  readonly guest: boolean;
  /** Whether a picture is there that one could leave. */
  readonly live: boolean;
  /** Whether the console is open, so that it could be closed. */
  readonly open: boolean;
  readonly extend: Extend;
  /** Whether there is more time to be had. */
  readonly extendable: boolean;
  /** RFC 3339. */
  readonly expiresAt: string | null;
  readonly onDisconnect: () => void;
  readonly onClose: () => void;
}

/** More time; and leaving and closing, told apart: the one can be taken back, the other cannot. */
export function SessionSection({ guest, live, open, extend, extendable, ...rest }: Props) {
  const { expiresAt, onDisconnect, onClose } = rest;
  const { t, time } = usePreferences();
  const end = expiresAt === null ? '' : time(new Date(expiresAt));
  return (
    <section class="session" aria-labelledby="menu-session">
      <h3 id="menu-session">{t('menu.session')}</h3>
      {extendable && (
        <button
          type="button"
          data-testid="menu-extend"
          disabled={extend.busy}
          aria-describedby="menu-extend-hint"
          onClick={extend.run}
        >
          {t('extend.button')}
        </button>
      )}
      {open && (
        <p id="menu-extend-hint" class="quiet">
          {t('page.openUntil', { time: end })}
        </p>
      )}
      <div role="status">
        {extend.fault !== null && (
          <p class="fault" data-testid="menu-extend-fault" data-code={extend.fault}>
            {t('extend.failed')} {t(`error.${extend.fault}`)}
          </p>
        )}
        {extend.done && <p class="visually-hidden">{t('extend.done', { time: end })}</p>}
      </div>
      <button
        type="button"
        data-testid="disconnect"
        disabled={!live}
        aria-describedby="menu-disconnect-hint"
        onClick={onDisconnect}
      >
        {t('menu.disconnect')}
      </button>
      <p id="menu-disconnect-hint" class="quiet">
        {t('menu.disconnectHint')}
      </p>
      {!guest && (
        <>
          <button
            type="button"
            class="danger"
            data-testid="menu-close-session"
            disabled={!open}
            aria-describedby="menu-close-hint"
            onClick={onClose}
          >
            {t('menu.close')}
          </button>
          <p id="menu-close-hint" class="quiet">
            {t('menu.closeHint')}
          </p>
        </>
      )}
    </section>
  );
}
