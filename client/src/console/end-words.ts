import type { TextKey } from '../i18n/catalogue.ts';
import { canTryAgain, isAboutTheLink } from './ending.ts';
import type { Page } from './page-state.ts';

/** The heading over the sentence that says why the page is over. */
export function endWords(page: Page): TextKey {
  const { phase, console, viewer } = page;
  if (phase.name !== 'ended') return 'state.ended';
  const { reason, fault, unsure = false } = phase;
  if (isAboutTheLink(fault)) return page.seen ? 'join.over' : 'page.noEntry';
  if (fault === 'machine_not_running' && canTryAgain(page)) return 'page.notRunning';
  if (fault === 'approval_refused') return 'approval.refused';
  if (reason === 'expired' && console?.approval === 'pending') return 'approval.expired';
  // A reload may follow on a picture, and a guest comes to a console that others have used.
  const first = !page.seen && page.rememberedEnd === null && viewer === null;
  if (reason === 'failed' && first) return 'page.notOpened';
  if (reason !== null) return `closed.${reason}`;
  return unsure || canTryAgain(page) ? 'page.refused' : 'page.noEntry';
}
