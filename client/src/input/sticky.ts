import { KEYSYM } from './keysym.ts';

export const MODIFIERS = {
  shift: KEYSYM.shift,
  control: KEYSYM.control,
  alt: KEYSYM.alt,
  altGr: 0xfe03,
  super: KEYSYM.super,
} as const;

export type Modifier = keyof typeof MODIFIERS;

/** A tap holds a modifier for the next key, a second one locks it, a third lets it go. */
export type Held = Readonly<Partial<Record<Modifier, 'once' | 'locked'>>>;

/** One key going down or up on the machine. */
export type KeyChange = readonly [pressed: boolean, keysym: number];

export interface Sticky {
  readonly held: Held;
  readonly changes: readonly KeyChange[];
}

export function tap(held: Held, modifier: Modifier): Sticky {
  const keysym = MODIFIERS[modifier];
  if (held[modifier] === undefined)
    return { held: { ...held, [modifier]: 'once' }, changes: [[true, keysym]] };
  if (held[modifier] === 'once') return { held: { ...held, [modifier]: 'locked' }, changes: [] };
  const { [modifier]: _, ...rest } = held;
  return { held: rest, changes: [[false, keysym]] };
}

/** After an ordinary key: what was held for this key only is let go. */
export function afterKey(held: Held): Sticky {
  return release(held, (modifier) => held[modifier] === 'once');
}

/** Lets go of everything, as when the keyboard is put away. */
export function letGo(held: Held): Sticky {
  return release(held, () => true);
}

function release(held: Held, which: (modifier: Modifier) => boolean): Sticky {
  const modifiers = Object.keys(held) as Modifier[];
  const kept = modifiers.filter((modifier) => !which(modifier));
  return {
    held: Object.fromEntries(kept.map((modifier) => [modifier, held[modifier]])),
    changes: modifiers.filter(which).map((modifier) => [false, MODIFIERS[modifier]] as const),
  };
}
