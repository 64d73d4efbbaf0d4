import { usePreferences } from '../preferences/preferences-context.tsx';
import { AbsentCard } from '../sharing/absent-card.tsx';
import { JoinCard } from '../sharing/join-card.tsx';
import { ApprovalCard } from './approval-card.tsx';
import { CredentialsCard } from './credentials-card.tsx';
import type { ConsoleSession } from './console-session.ts';
import { EndCard } from './end-card.tsx';
import { LostCard } from './lost-card.tsx';
import type { Page } from './page-state.ts';
import { ProgressCard } from './progress-card.tsx';

/** What the page says while there is no live picture. */
export function StateCard({ page, session }: { page: Page; session: ConsoleSession }) {
  const { t, time } = usePreferences();
  const { phase } = page;
  const reconnect = () => session.dispatch({ type: 'reconnect-asked' });
  switch (phase.name) {
    case 'connected':
    case 'unstable':
      return null;
    case 'ended':
      return <EndCard page={page} session={session} onTryAgain={reconnect} />;
    case 'lost':
      return (
        <LostCard
          until={phase.until}
          fault={phase.fault}
          seen={page.seen}
          onReconnect={reconnect}
        />
      );
    case 'disconnected':
      return (
        <section class="card">
          <h2>{t('state.disconnected')}</h2>
          {page.console && (
            <p>{t('page.disconnected', { time: time(new Date(page.console.expiresAt)) })}</p>
          )}
          <button type="button" class="primary" data-testid="reconnect-now" onClick={reconnect}>
            {t('page.reconnect')}
          </button>
        </section>
      );
    case 'asking':
      return (
        <JoinCard
          question={phase.question}
          fault={phase.fault}
          onAnswer={(name, passphrase) => session.dispatch({ type: 'answered', name, passphrase })}
        />
      );
    case 'approving':
      return page.console && <ApprovalCard console={page.console} />;
    case 'prompting':
      return (
        <CredentialsCard
          machine={page.console?.machineName ?? ''}
          names={phase.names}
          onAnswer={(values) => session.answer(values)}
          onCancel={() => session.close()}
        />
      );
    case 'absent':
      return page.console && <AbsentCard user={page.console.user} />;
    case 'redeeming':
    case 'starting':
    case 'connecting':
    case 'waiting':
      return <ProgressCard page={page} />;
  }
}
