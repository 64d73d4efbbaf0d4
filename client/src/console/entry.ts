import { type ConsoleView, NAMELESS, type ViewerSelf } from '../../../server/contract/index.ts';
import type { FaultCode } from '../api/fault-code.ts';
import type { Command, Page, PageEvent, Question } from './page-state.ts';
import { stay, to, type Turn } from './turn.ts';

/** The call that lets the page in: the link's key, or the cookie of this browser afterwards. */
export function enter(page: Page): Turn {
  const { key, name } = page;
  const command: Command =
    key === null ? { do: 'look' } : { do: 'redeem', key, name, passphrase: null };
  return to(page, { name: 'redeeming', asked: null }, [command]);
}

/** Asks the person for what a shared link wants before it opens. */
export function ask(page: Page, question: Question, fault: FaultCode | null): Turn {
  return to(page, { name: 'asking', question, fault });
}

/** The person has answered. */
export function answered(page: Page, event: Extract<PageEvent, { type: 'answered' }>): Turn {
  const { phase, key } = page;
  if (phase.name !== 'asking' || key === null) return stay(page);
  const { name, passphrase } = event;
  return to({ ...page, name }, { name: 'redeeming', asked: phase.question }, [
    { do: 'redeem', key, name, passphrase },
  ]);
}

/** Whether somebody is a guest whom the others have no name for. */
export function isNameless({ viewers }: ConsoleView, viewer: ViewerSelf | null): boolean {
  return viewers.some(({ id, name }) => id === viewer?.id && name === NAMELESS);
}

/** What a refused key is a question for; null where there is nothing that the person could say. */
export function questionOf(page: Page, fault: FaultCode): Question | null {
  if (fault === 'passphrase_required' || fault === 'passphrase_wrong') return 'passphrase';
  if (page.phase.name !== 'redeeming' || page.phase.asked === null) return null;
  return fault === 'rate_limited' || fault === 'invalid_request' ? page.phase.asked : null;
}
