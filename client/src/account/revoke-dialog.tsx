import type { ApiTokenView } from '../../../server/contract/index.ts';
import { Modal } from '../console/modal.tsx';
import { usePreferences } from '../preferences/preferences-context.tsx';

interface Props {
  /** The token to revoke; null while nobody wants to. */
  readonly token: ApiTokenView | null;
  readonly busy: boolean;
  readonly onConfirm: (id: string) => void;
  readonly onDismiss: () => void;
}

/** Asks whether a token is really to be revoked. */
export function RevokeDialog({ token, busy, onConfirm, onDismiss }: Props) {
  const { t } = usePreferences();
  const title = t('tokens.revokeTitle', { name: token?.name ?? '' });
  return (
    <Modal class="dialog" open={token !== null} label={title} onDismiss={onDismiss}>
      <div class="ask" data-testid="revoke-dialog">
        <h2>{title}</h2>
        <p>{t('tokens.revokeText')}</p>
        <div class="actions">
          <button type="button" onClick={onDismiss}>
            {t('account.cancel')}
          </button>
          <button
            type="button"
            class="danger"
            data-testid="revoke-confirm"
            disabled={busy}
            onClick={() => token && onConfirm(token.id)}
          >
            {t('tokens.revokeConfirm')}
          </button>
        </div>
      </div>
    </Modal>
  );
}
