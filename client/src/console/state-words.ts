import type { TextKey } from '../i18n/catalogue.ts';
import type { Page } from './page-state.ts';

/** The words for the state that the page is in: nothing is lost that never was there. */
export function stateWords({ phase, seen }: Page): TextKey {
  if (phase.name === 'lost' && !seen) return 'page.unreached';
  return `state.${phase.name}`;
}
