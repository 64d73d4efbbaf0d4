import { functionKey, KEYSYM } from './keysym.ts';

export type CombinationId =
  | 'ctrl-alt-del'
  | 'ctrl-alt-backspace'
  | 'alt-tab'
  | 'alt-f4'
  | 'win'
  | 'print-screen'
  | `ctrl-alt-f${number}`;

/** Keys that a browser or its system keeps for itself, sent from the menu. */
export interface Combination {
  readonly id: CombinationId;
  /** As printed on keyboards; not translated. */
  readonly label: string;
  readonly keysyms: readonly number[];
}

export const CTRL_ALT_DEL: Combination = {
  id: 'ctrl-alt-del',
  label: 'Ctrl-Alt-Del',
  keysyms: [KEYSYM.control, KEYSYM.alt, KEYSYM.delete],
};

export const COMBINATIONS: readonly Combination[] = [
  CTRL_ALT_DEL,
  { id: 'alt-tab', label: 'Alt-Tab', keysyms: [KEYSYM.alt, KEYSYM.tab] },
  { id: 'alt-f4', label: 'Alt-F4', keysyms: [KEYSYM.alt, functionKey(4)] },
  { id: 'win', label: 'Win', keysyms: [KEYSYM.super] },
  { id: 'print-screen', label: 'PrtSc', keysyms: [KEYSYM.print] },
  {
    id: 'ctrl-alt-backspace',
    label: 'Ctrl-Alt-Backspace',
    keysyms: [KEYSYM.control, KEYSYM.alt, KEYSYM.backspace],
  },
];

/** Ctrl-Alt-F1 … F12: a Linux machine's virtual consoles. */
export const CONSOLE_SWITCHES: readonly Combination[] = Array.from({ length: 12 }, (_, index) => ({
  id: `ctrl-alt-f${index + 1}` as const,
  label: `F${index + 1}`,
  keysyms: [KEYSYM.control, KEYSYM.alt, functionKey(index + 1)],
}));

/** Presses the keys in order and releases them in the opposite one. */
export function press(
  combination: Combination,
  sendKey: (pressed: boolean, keysym: number) => void,
): void {
  for (const keysym of combination.keysyms) sendKey(true, keysym);
  for (const keysym of combination.keysyms.toReversed()) sendKey(false, keysym);
}
