import { isMendable } from '../../../server/contract/index.ts';
import { isFramed } from '../embed/host.ts';
import { ToPortal } from '../portal/to-portal.tsx';
import { usePreferences } from '../preferences/preferences-context.tsx';
import type { ConsoleSession } from './console-session.ts';
import { canSwitchOn, canTryAgain, isAboutTheLink } from './ending.ts';
import { endWords } from './end-words.ts';
import { Fault } from './fault.tsx';
import type { Page } from './page-state.ts';
import { SwitchOnButton } from './switch-on-button.tsx';

interface Props {
  readonly page: Page;
  readonly session: ConsoleSession;
  readonly onTryAgain: () => void;
}

export function EndCard({ page, session, onTryAgain }: Props) {
  const { t } = usePreferences();
  if (page.phase.name !== 'ended') return null;
  const { reason, fault, unsure = false } = page.phase;
  const again = canTryAgain(page);
  const calm = (reason !== null && reason !== 'failed') || isAboutTheLink(fault);
  const tone = isMendable(fault) ? 'warn' : calm ? 'calm' : 'bad';
  const guest = page.viewer !== null || isAboutTheLink(fault);
  const refusal = page.console?.error;
  const framed = isFramed();
  // Inside a page of another site the browser has no cookie of ours, and what was in memory is gone.
  const reloaded = framed && page.console === null && fault === 'unauthenticated';
  return (
    <section class="card" data-tone={tone} data-reason={reason ?? undefined}>
      <h2>{t(endWords(page))}</h2>
      {reloaded ? <p>{t('page.reloadedInFrame')}</p> : <Fault code={fault} />}
      {fault === 'approval_refused' && refusal && (
        <blockquote data-testid="refusal">{refusal.message}</blockquote>
      )}
      {fault === 'machine_not_running' && refusal?.code === fault && (
        <p class="quiet" data-testid="machine-state">
          {refusal.message}
        </p>
      )}
      {canSwitchOn(page) && <SwitchOnButton session={session} />}
      {again && (
        <button
          type="button"
          class={canSwitchOn(page) ? undefined : 'primary'}
          data-testid="reconnect-now"
          onClick={onTryAgain}
        >
          {t('page.tryAgain')}
        </button>
      )}
      {!again && !unsure && !guest && <p class="quiet">{t('page.openAgain')}</p>}
      {isAboutTheLink(fault) && fault !== 'viewer_limit' && (
        <p class="quiet">{t('join.askAgain')}</p>
      )}
      {!guest && !framed && <ToPortal />}
    </section>
  );
}
