import { HOLDER, type ViewerView } from '../../../server/contract/index.ts';
import type { Page } from './page-state.ts';

/** Whether what this page sends goes to the machine, once it is connected. */
export function mayType({ console, viewer }: Page): boolean {
  if (console === null || console.readOnly) return false;
  if (viewer === null) return console.control === HOLDER;
  return !viewer.readOnly && console.control === viewer.id;
}

/** Whether this page's guest may ever have the keyboard and mouse; its holder may. */
export function mayEverType({ console, viewer }: Page): boolean {
  return console?.readOnly !== true && viewer?.readOnly !== true;
}

/** The guests who are there now, but for this page's own. */
export function othersOf({ console, viewer }: Page): readonly ViewerView[] {
  return console?.viewers.filter(({ id, connected }) => connected && id !== viewer?.id) ?? [];
}

/** The guest who has the keyboard and mouse; null while the holder has them. */
export function controllerOf({ console }: Page): ViewerView | null {
  return console?.viewers.find(({ id }) => id === console.control) ?? null;
}

/** Whether the holder may hand out links to this console. */
export function mayShare({ console, viewer, phase }: Page): boolean {
  if (console === null || viewer !== null || phase.name === 'ended') return false;
  return console.may.share && console.approval !== 'pending';
}

/** Whether this page may have the machine told something: its holder, while the console is open. */
export function mayTell({ console, viewer, phase }: Page): boolean {
  if (console === null || viewer !== null || console.approval === 'pending') return false;
  return console.may.power && !(phase.name === 'ended' && phase.reason !== null);
}
