import type { ConsoleKind } from '../../../server/contract/index.ts';
import type { KeyFace } from '../i18n/key-names.ts';
import { functionKey, KEYSYM, keysymOf } from './keysym.ts';

/** Keys that a browser or its system keeps for itself, sent from the menu. */
export interface Combination {
  /** Words of small letters with dashes: `ctrl-alt-del`. */
  readonly id: string;
  /** What is on the keys. */
  readonly keys: readonly KeyFace[];
  /** X11 keysyms in the order in which they are pressed. */
  readonly keysyms: readonly number[];
}

const KEYSYMS: Readonly<Record<string, number>> = {
  shift: KEYSYM.shift,
  ctrl: KEYSYM.control,
  alt: KEYSYM.alt,
  win: KEYSYM.super,
  esc: KEYSYM.escape,
  tab: KEYSYM.tab,
  del: KEYSYM.delete,
  backspace: KEYSYM.backspace,
  print: KEYSYM.print,
};

/** A letter's keysym is the small one's: nobody holds Shift in Ctrl-C. */
function combination(id: string, ...keys: KeyFace[]): Combination {
  const keysyms = keys.map((key) => {
    const number = /^F(\d+)$/.exec(key)?.[1];
    if (number !== undefined) return functionKey(Number(number));
    return KEYSYMS[key] ?? keysymOf(key.toLowerCase());
  });
  return { id, keys, keysyms };
}

const TWELVE = Array.from({ length: 12 }, (_, index) => index + 1);

export const CTRL_ALT_DEL = combination('ctrl-alt-del', 'ctrl', 'alt', 'del');
export const CTRL_C = combination('ctrl-c', 'ctrl', 'C');

const SCREEN_COMBINATIONS: readonly Combination[] = [
  CTRL_ALT_DEL,
  combination('alt-tab', 'alt', 'tab'),
  combination('alt-f4', 'alt', 'F4'),
  combination('win', 'win'),
  combination('print-screen', 'print'),
  combination('ctrl-alt-backspace', 'ctrl', 'alt', 'backspace'),
];

const TERMINAL_COMBINATIONS: readonly Combination[] = [
  CTRL_C,
  combination('ctrl-d', 'ctrl', 'D'),
  combination('ctrl-z', 'ctrl', 'Z'),
  combination('ctrl-w', 'ctrl', 'W'),
  combination('ctrl-backslash', 'ctrl', '\\'),
  combination('esc', 'esc'),
];

/** Ctrl-Alt-F1 … F12: a Linux machine's virtual consoles. */
const CONSOLE_SWITCHES = TWELVE.map((number) =>
  combination(`ctrl-alt-f${number}`, 'ctrl', 'alt', `F${number}`),
);
const FUNCTION_KEYS = TWELVE.map((number) => combination(`f${number}`, `F${number}`));

export interface Offer {
  /** The one that is in the bar. */
  readonly first: Combination;
  readonly combinations: readonly Combination[];
  /** F1 … F12, alone or with Ctrl-Alt; none where the machine has no use for them. */
  readonly functions: readonly Combination[];
  readonly withCtrlAlt: boolean;
}

/** What is worth sending to a console of this kind. */
export function offerOf(kind: ConsoleKind): Offer {
  switch (kind) {
    case 'vnc':
    case 'kvm':
      return screen(CONSOLE_SWITCHES);
    case 'rdp':
      return screen([]);
    case 'ssh':
    case 'telnet':
    case 'terminal':
    case 'sol':
      return {
        first: CTRL_C,
        combinations: TERMINAL_COMBINATIONS,
        functions: FUNCTION_KEYS,
        withCtrlAlt: false,
      };
  }
}

function screen(functions: readonly Combination[]): Offer {
  return { first: CTRL_ALT_DEL, combinations: SCREEN_COMBINATIONS, functions, withCtrlAlt: true };
}

/** Presses the keys in order and releases them in the opposite one. */
export function press(
  { keysyms }: Combination,
  sendKey: (pressed: boolean, keysym: number) => void,
): void {
  for (const keysym of keysyms) sendKey(true, keysym);
  for (const keysym of keysyms.toReversed()) sendKey(false, keysym);
}
