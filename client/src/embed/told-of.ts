import { canTryAgain } from '../console/ending.ts';
import type { Page } from '../console/page-state.ts';
import type { Told } from './messages.ts';

/** What the page around is to know of a console's page; null while there is nothing to say yet. */
export function toldOf(page: Page, id: string): Told | null {
  const { phase } = page;
  switch (phase.name) {
    case 'connected':
    case 'unstable':
      return { type: 'connected', console: id };
    case 'lost':
      return { type: 'disconnected', code: phase.fault };
    case 'disconnected':
    case 'absent':
      return { type: 'disconnected', code: null };
    case 'ended':
      if (phase.unsure) return null;
      return canTryAgain(page)
        ? { type: 'disconnected', code: phase.fault }
        : { type: 'closed', reason: phase.reason, code: phase.fault };
    case 'redeeming':
    case 'asking':
    case 'approving':
    case 'starting':
    case 'connecting':
    case 'waiting':
    case 'prompting':
      return null;
  }
}
