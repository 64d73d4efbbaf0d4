import { functionKey, KEYSYM, keysymsOf } from './keysym.ts';

/**
 * Keeps the field from being empty: a phone's keyboard reports Backspace only where there is
 * something to delete.
 */
export const FILLER = '\u200b\u200b\u200b\u200b';

/**
 * The keys that an `input` event of the field stands for. `value` is the field's content after it.
 * Composed text comes with `compositionend` instead, once, whatever the browser's order of events.
 */
export function strokesOfInput(inputType: string, value: string): number[] {
  if (inputType.includes('Composition')) return [];
  if (inputType.startsWith('delete'))
    return [inputType.endsWith('Forward') ? KEYSYM.delete : KEYSYM.backspace];
  return keysymsOf(value.replaceAll('\u200b', ''));
}

const NAMED: Readonly<Record<string, number>> = {
  ArrowLeft: KEYSYM.left,
  ArrowRight: KEYSYM.right,
  ArrowUp: KEYSYM.up,
  ArrowDown: KEYSYM.down,
  Home: KEYSYM.home,
  End: KEYSYM.end,
  PageUp: KEYSYM.pageUp,
  PageDown: KEYSYM.pageDown,
  Insert: KEYSYM.insert,
  Delete: KEYSYM.delete,
  Escape: KEYSYM.escape,
};

/** The keysym of a key that means the same in the field and on the machine; Tab leaves the field. */
export function keysymOfNamedKey(key: string): number | null {
  const number = /^F(\d{1,2})$/.exec(key)?.[1];
  if (number !== undefined) return functionKey(Number(number));
  return NAMED[key] ?? null;
}
