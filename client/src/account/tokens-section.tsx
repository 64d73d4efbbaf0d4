import { useState } from 'preact/hooks';
import type { ApiTokenView, Me } from '../../../server/contract/index.ts';
import { Fault } from '../console/fault.tsx';
import { usePreferences } from '../preferences/preferences-context.tsx';
import { MadeToken } from './made-token.tsx';
import { RevokeDialog } from './revoke-dialog.tsx';
import { TokenForm } from './token-form.tsx';
import { TokenRow } from './token-row.tsx';
import { useTokens } from './use-tokens.ts';

/** The person's own API tokens, for who may have any. */
export function TokensSection({ who: { name, role } }: { who: Me }) {
  const { t } = usePreferences();
  const { items, made, busy, fault, make, revoke, forget } = useTokens(name);
  const [asking, setAsking] = useState(false);
  const [revoking, setRevoking] = useState<ApiTokenView | null>(null);

  return (
    <section class="account-section" data-testid="tokens">
      <h2>{t('tokens.title')}</h2>
      <p class="quiet">{t('tokens.text')}</p>
      {fault && !asking && (
        <div role="alert">
          <Fault code={fault} />
        </div>
      )}
      {made && <MadeToken token={made} onKept={forget} />}
      {asking && (
        <TokenForm
          role={role}
          busy={busy}
          fault={fault}
          onMake={(wish) => void make(wish).then((done) => done && setAsking(false))}
          onCancel={() => setAsking(false)}
        />
      )}
      {items !== null && items.length > 0 && (
        <ul class="account-list">
          {items.map((token) => (
            <TokenRow key={token.id} token={token} onRevoke={() => setRevoking(token)} />
          ))}
        </ul>
      )}
      {!asking && !made && (
        <div class="actions">
          <button type="button" data-testid="token-new" onClick={() => setAsking(true)}>
            {t('tokens.new')}
          </button>
        </div>
      )}
      <RevokeDialog
        token={revoking}
        busy={busy}
        onConfirm={(id) => void revoke(id).finally(() => setRevoking(null))}
        onDismiss={() => setRevoking(null)}
      />
    </section>
  );
}
