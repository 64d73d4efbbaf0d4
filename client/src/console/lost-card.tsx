import type { FaultCode } from '../api/fault-code.ts';
import { usePreferences } from '../preferences/preferences-context.tsx';
import { Logo } from '../styles/logo.tsx';
import { Fault } from './fault.tsx';
import { useNow } from './use-now.ts';

interface Props {
  /** When the page tries again by itself; milliseconds of the browser's clock. */
  readonly until: number;
  readonly fault: FaultCode;
  /** Whether there was a connection before. */
  readonly seen: boolean;
  readonly onReconnect: () => void;
}

export function LostCard({ until, fault, seen, onReconnect }: Props) {
  const { t } = usePreferences();
  const now = useNow(250);
  if (fault === 'machine_not_running') {
    return (
      <section class="card progress" data-testid="coming-up">
        <Logo />
        <h2>{t('page.comingUp')}</h2>
        <p>{t('page.comingUpText')}</p>
      </section>
    );
  }
  const count = Math.max(1, Math.ceil((until - now) / 1000));
  return (
    <section class="card" data-tone="warn">
      <h2>{t(seen ? 'state.lost' : 'page.unreached')}</h2>
      <Fault code={fault} />
      <p class="countdown">{t(seen ? 'page.reconnectIn' : 'page.retryIn', { count })}</p>
      <button type="button" class="primary" data-testid="reconnect-now" onClick={onReconnect}>
        {t(seen ? 'page.reconnectNow' : 'page.tryAgain')}
      </button>
    </section>
  );
}
