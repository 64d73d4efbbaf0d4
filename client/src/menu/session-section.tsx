import { usePreferences } from '../preferences/preferences-context.tsx';

interface Props {
  /** Whether a picture is there that one could leave. */
  readonly live: boolean;
  /** Whether the console is open, so that it could be closed. */
  readonly open: boolean;
  readonly onDisconnect: () => void;
  readonly onClose: () => void;
}

/** Leaving and closing, told apart: the one can be taken back, the other cannot. */
export function SessionSection({ live, open, onDisconnect, onClose }: Props) {
  const { t } = usePreferences();
  return (
    <section class="session" aria-labelledby="menu-session">
      <h3 id="menu-session">{t('menu.session')}</h3>
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
    </section>
  );
}
