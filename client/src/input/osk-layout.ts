import type { Modifier } from './sticky.ts';

/** A key of the on-screen keyboard. Widths are in units of a letter key. */
export interface OskKey {
  readonly label: string;
  /** Said instead of the label by screen readers, where the label is a sign. */
  readonly name?: string;
  readonly keysym: number;
  /** With Shift held. */
  readonly shifted?: { readonly label: string; readonly keysym: number };
  readonly modifier?: Modifier;
  readonly width?: number;
  /** Leads to the layout's other page and is not a key of the machine. */
  readonly page?: 'letters' | 'symbols';
}

export type OskRow = readonly OskKey[];

export interface OskLayout {
  readonly language: string;
  /** One keyboard with all keys, for wide windows. */
  readonly full: readonly OskRow[];
  /** Two pages of ten columns, for phones. */
  readonly compact: { readonly letters: readonly OskRow[]; readonly symbols: readonly OskRow[] };
}
