/** Keys with a word on them. Letters, digits and F1 … F12 are the same on every keyboard. */
const ENGLISH = {
  ctrl: 'Ctrl',
  alt: 'Alt',
  shift: 'Shift',
  win: 'Win',
  esc: 'Esc',
  tab: 'Tab',
  del: 'Del',
  backspace: 'Backspace',
  print: 'PrtSc',
} as const;

export type KeyName = keyof typeof ENGLISH;

/** What is printed on the keyboards that are sold with each language. */
export const KEY_NAMES: Readonly<Record<'en' | 'de' | 'ru', Readonly<Record<KeyName, string>>>> = {
  en: ENGLISH,
  de: {
    ...ENGLISH,
    ctrl: 'Strg',
    shift: 'Umschalt',
    del: 'Entf',
    backspace: 'Rücktaste',
    print: 'Druck',
  },
  ru: ENGLISH,
};

/** A key as a combination names it: by its word, or by the letter or number that is on it. */
export type KeyFace = KeyName | Uppercase<string> | `F${number}`;

/** `Ctrl-Alt-Del`, or `Strg-Alt-Entf`. */
export function keyLabel(keys: readonly KeyFace[], language: keyof typeof KEY_NAMES): string {
  const names: Readonly<Record<string, string>> = KEY_NAMES[language];
  return keys.map((key) => names[key] ?? key).join('-');
}

/** `C-A-D` where there is no room for more. */
export function keyInitials(keys: readonly KeyFace[], language: keyof typeof KEY_NAMES): string {
  const names: Readonly<Record<string, string>> = KEY_NAMES[language];
  return keys.map((key) => names[key]?.charAt(0) ?? key).join('-');
}
