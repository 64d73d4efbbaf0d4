import type { ShareView } from '../../../server/contract/index.ts';
import { usePreferences } from '../preferences/preferences-context.tsx';

interface Props {
  readonly shares: readonly ShareView[];
  readonly busy: boolean;
  readonly onRevoke: (share: string) => void;
}

/** The links that work now. */
export function ShareLinks({ shares, busy, onRevoke }: Props) {
  const { t, time } = usePreferences();
  if (shares.length === 0) return null;
  return (
    <section aria-labelledby="share-links">
      <h3 id="share-links">{t('share.links')}</h3>
      <ul class="share-list">
        {shares.map((share) => {
          const facts = [
            t(share.readOnly ? 'share.mayLook' : 'share.mayControl'),
            t('share.until', { time: time(new Date(share.expiresAt)) }),
            ...(share.passphrase ? [t('share.locked')] : []),
            ...(share.viewers > 0 ? [t('share.used', { count: share.viewers })] : []),
          ];
          const name = share.label ?? t('share.link');
          return (
            <li key={share.id} data-share={share.id}>
              <p>
                <strong>{name}</strong>
                <small>{facts.join(' · ')}</small>
              </p>
              <button
                type="button"
                class="danger"
                data-testid="share-revoke"
                disabled={busy}
                aria-label={t('share.revokeOf', { link: name })}
                onClick={() => onRevoke(share.id)}
              >
                {t('share.revoke')}
              </button>
            </li>
          );
        })}
      </ul>
    </section>
  );
}
