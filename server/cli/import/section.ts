import type { Secret } from '../../secret.ts';
import type { Notes } from './notes.ts';

/** A value of the configuration, secrets still apart from what may be shown. */
export type Value =
  | string
  | number
  | boolean
  | Secret
  | undefined
  | readonly Value[]
  | { readonly [key: string]: Value };

/** A machine of the provider `static` as the configuration writes it. */
export interface Machine {
  readonly id: string;
  readonly name: string;
  readonly [key: string]: Value;
}

/** A provider's section without its id, which whoever imports chooses. */
export interface Section {
  readonly type: string;
  readonly [key: string]: Value;
}

export interface Imported {
  readonly section: Section;
  readonly notes: Notes;
  /** What it has, for whoever reads: `12 machines`. */
  readonly summary: string;
}

/** Machines written down one by one, as the provider `static` has them. */
export function staticSection(machines: readonly Machine[], notes: Notes): Imported {
  const summary = `${machines.length} ${machines.length === 1 ? 'machine' : 'machines'}`;
  return { section: { type: 'static', machines }, notes, summary };
}
