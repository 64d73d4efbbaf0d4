import type { ConsoleView } from '../../../server/contract/index.ts';
import { usePreferences } from '../preferences/preferences-context.tsx';
import { Logo } from '../styles/logo.tsx';

/** What is seen while somebody else has yet to approve the console. */
export function ApprovalCard({ console }: { console: ConsoleView }) {
  const { t, time } = usePreferences();
  const { machineName, expiresAt, purpose } = console;
  return (
    <section class="card progress" data-tone="calm" data-testid="approving">
      <Logo />
      <h2>{t('approval.title')}</h2>
      <p>{t('approval.text', { machine: machineName, time: time(new Date(expiresAt)) })}</p>
      {purpose !== null && <p class="quiet">{t('approval.purpose', { purpose })}</p>}
    </section>
  );
}
