import type { TextKey } from '../i18n/catalogue.ts';
import { endWords } from './end-words.ts';
import { canTryAgain } from './ending.ts';
import type { Page } from './page-state.ts';

/** The words for the state that the page is in: nothing is lost, or over, that never was there. */
export function stateWords(page: Page): TextKey {
  const { phase, seen } = page;
  if (phase.name === 'ended' && canTryAgain(page)) return endWords(page);
  if (phase.name === 'lost' && phase.fault === 'machine_not_running') return 'page.comingUp';
  if (phase.name === 'lost' && !seen) return 'page.unreached';
  return `state.${phase.name}`;
}
