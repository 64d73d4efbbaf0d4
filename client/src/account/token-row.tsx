import type { ApiTokenView } from '../../../server/contract/index.ts';
import { usePreferences } from '../preferences/preferences-context.tsx';

interface Props {
  readonly token: ApiTokenView;
  readonly onRevoke: () => void;
}

/** An API token: what it may do and where, since when, until when, and whether anybody uses it. */
export function TokenRow({ token, onRevoke }: Props) {
  const { t, time } = usePreferences();
  const { id, name, actions, machines, createdAt, expiresAt, lastUsedAt } = token;
  const what = actions?.map((action) => t(`may.${action}`)).join(', ') ?? t('tokens.mayAll');
  const where =
    machines === null ? t('tokens.onAll') : t('tokens.on', { machines: machines.join(', ') });
  const at = (moment: string) => time(new Date(moment));
  const times = [
    t('tokens.created', { time: at(createdAt) }),
    expiresAt === null ? t('tokens.forever') : t('tokens.until', { time: at(expiresAt) }),
    lastUsedAt === null ? t('tokens.unused') : t('tokens.used', { time: at(lastUsedAt) }),
  ];
  return (
    <li data-token={id}>
      <div>
        <strong>{name}</strong>
        <span>
          {what} · {where}
        </span>
        <small>{times.join(' · ')}</small>
      </div>
      <button
        type="button"
        class="danger"
        data-testid="token-revoke"
        aria-label={t('tokens.revokeOf', { name })}
        onClick={onRevoke}
      >
        {t('tokens.revoke')}
      </button>
    </li>
  );
}
