import { RefreshCw } from 'lucide-preact';
import { useEffect, useState } from 'preact/hooks';
import type { ProviderView } from '../../../server/contract/index.ts';
import { portalApi } from '../api/gateway-api.ts';
import { Fault } from '../console/fault.tsx';
import { usePreferences } from '../preferences/preferences-context.tsx';
import { useAct } from './use-act.ts';

/** A provider needs a moment to answer; who is slower is seen at the next look. ms */
const ANSWER_MS = 2000;

interface Props {
  readonly providers: readonly ProviderView[];
  /** They have had a moment to answer. Another function is waited for anew. */
  readonly onAsked: () => void;
}

/** For staff: has all providers asked for their machines. */
export function RefreshButton({ providers, onAsked }: Props) {
  const { t } = usePreferences();
  const [waiting, setWaiting] = useState(false);
  const { busy, fault, run } = useAct(() => setWaiting(true));
  useEffect(() => {
    if (!waiting) return;
    const timer = setTimeout(() => {
      setWaiting(false);
      onAsked();
    }, ANSWER_MS);
    return () => clearTimeout(timer);
  }, [waiting, onAsked]);
  if (providers.length === 0) return null;
  return (
    <>
      <button
        type="button"
        data-testid="refresh"
        disabled={busy || waiting}
        aria-busy={busy || waiting}
        onClick={() => run(() => portalApi.sync())}
      >
        <RefreshCw aria-hidden="true" /> {t('portal.refresh')}
      </button>
      {fault && (
        <div class="notice" role="alert">
          <Fault code={fault} />
        </div>
      )}
    </>
  );
}

/** For staff: which systems do not answer, since when, and why. */
export function FailingProviders({ providers }: Pick<Props, 'providers'>) {
  const { t, time } = usePreferences();
  const failing = providers.filter((provider) => provider.failing);
  if (failing.length === 0) return null;
  return (
    <div class="notice" role="status" data-testid="failing-providers">
      <div>
        {failing.map(({ id, heardAt, reason }) => (
          <p key={id}>
            {heardAt === null
              ? t('portal.neverHeard', { provider: id })
              : t('portal.notHeard', { provider: id, time: time(new Date(heardAt)) })}{' '}
            {reason !== null && <span class="quiet">{reason}</span>}
          </p>
        ))}
      </div>
    </div>
  );
}
