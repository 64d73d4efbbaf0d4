/** X11 keysyms (keysymdef.h) that the page names itself. */
export const KEYSYM = {
  backspace: 0xff08,
  tab: 0xff09,
  enter: 0xff0d,
  escape: 0xff1b,
  home: 0xff50,
  left: 0xff51,
  up: 0xff52,
  right: 0xff53,
  down: 0xff54,
  pageUp: 0xff55,
  pageDown: 0xff56,
  end: 0xff57,
  print: 0xff61,
  insert: 0xff63,
  menu: 0xff67,
  f1: 0xffbe,
  shift: 0xffe1,
  control: 0xffe3,
  capsLock: 0xffe5,
  alt: 0xffe9,
  super: 0xffeb,
  delete: 0xffff,
} as const;

/** Keysym of F1 … F12. */
export function functionKey(number: number): number {
  return KEYSYM.f1 + number - 1;
}

/** The keysym of a character: Latin-1 is itself, all else is Unicode with bit 24 set. */
export function keysymOf(character: string): number {
  const codePoint = character.codePointAt(0) ?? 0;
  if (codePoint === 0x0a || codePoint === 0x0d) return KEYSYM.enter;
  if (codePoint === 0x09) return KEYSYM.tab;
  const printable =
    (codePoint >= 0x20 && codePoint <= 0x7e) || (codePoint >= 0xa0 && codePoint <= 0xff);
  return printable ? codePoint : 0x01000000 | codePoint;
}

/** The keysyms that type a text, one for each character; CR LF is one Enter. */
export function keysymsOf(text: string): number[] {
  return Array.from(text.replaceAll('\r\n', '\n'), keysymOf);
}
