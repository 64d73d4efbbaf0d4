import type { Machine, Provider, ProviderMachine } from '../providers/provider.ts';

/** A machine as it was when its provider was last heard. */
export interface IndexedMachine {
  readonly machine: Machine;
  /** As of when it is known, where its provider does not answer now; else null. ms */
  readonly staleSince: number | null;
}

export interface MachineSearch {
  /** A part of its id, name, labels or addresses. */
  readonly q?: string | undefined;
  readonly provider?: string | undefined;
  readonly location?: string | undefined;
  /** Whose it is. */
  readonly owner?: string | undefined;
  /** Only those behind this id: a page costs as much as it shows, wherever it is. */
  readonly after?: string | undefined;
}

interface Entry extends IndexedMachine {
  readonly text: string;
}

/** All providers' machines in memory, in the order of their public ids. */
export class MachineIndex {
  readonly #byProvider = new Map<string, ReadonlyMap<string, Entry>>();
  #ordered: readonly Entry[] | null = null;
  #byOwner: ReadonlyMap<string | null, readonly Entry[]> | null = null;

  /** Replaces a provider's machines. */
  put(
    provider: Provider,
    machines: readonly ProviderMachine[],
    staleSince: IndexedMachine['staleSince'],
  ): void {
    const found = new Map<string, Entry>();
    for (const machine of machines) {
      const id = `${provider.id}:${machine.id}`;
      const known = { ...machine, id, localId: machine.id, provider };
      found.set(id, { machine: known, staleSince, text: textOf(known) });
    }
    // Sorted here, where nobody waits; strings by themselves are sorted several times as fast.
    const ordered = new Map<string, Entry>();
    for (const id of [...found.keys()].toSorted(byCodeUnits)) {
      const entry = found.get(id);
      if (entry) ordered.set(id, entry);
    }
    this.#byProvider.set(provider.id, ordered);
    this.#ordered = null;
    this.#byOwner = null;
  }

  find(id: string): IndexedMachine | undefined {
    return this.#byProvider.get(id.slice(0, Math.max(id.indexOf(':'), 0)))?.get(id);
  }

  /** In the order of their public ids. */
  *search({ q, provider, location, owner, after }: MachineSearch): Generator<IndexedMachine> {
    const part = fold(q ?? '');
    const entries = owner === undefined ? this.#all() : (this.#owned().get(owner) ?? []);
    for (let at = after === undefined ? 0 : firstAfter(entries, after); ; at += 1) {
      const entry = entries[at];
      if (!entry) return;
      const { machine, text } = entry;
      if (provider !== undefined && machine.provider.id !== provider) continue;
      if (location !== undefined && machine.location !== location) continue;
      if (text.includes(part)) yield entry;
    }
  }

  #all(): readonly Entry[] {
    // No id of a provider has a colon, so that ids with it are in the order of all their machines.
    this.#ordered ??= [...this.#byProvider.keys()]
      .toSorted((one, other) => byCodeUnits(`${one}:`, `${other}:`))
      .flatMap((id) => [...(this.#byProvider.get(id)?.values() ?? [])]);
    return this.#ordered;
  }

  #owned(): ReadonlyMap<string | null, readonly Entry[]> {
    if (this.#byOwner) return this.#byOwner;
    const owned = new Map<string | null, Entry[]>();
    for (const entry of this.#all()) {
      const { owner } = entry.machine;
      const theirs = owned.get(owner);
      if (theirs) theirs.push(entry);
      else owned.set(owner, [entry]);
    }
    this.#byOwner = owned;
    return owned;
  }
}

/** Where the machines behind this id begin. */
function firstAfter(entries: readonly Entry[], id: string): number {
  let [low, high] = [0, entries.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((entries[middle]?.machine.id ?? '') <= id) low = middle + 1;
    else high = middle;
  }
  return low;
}

function byCodeUnits(one: string, other: string): number {
  if (one === other) return 0;
  return one < other ? -1 : 1;
}

function textOf({ id, name, labels = [], addresses = [] }: Machine): string {
  return fold([id, name, ...labels, ...addresses].join('\n'));
}

/** Letters alike, however they are written. Those of ASCII are written in one way. */
function fold(text: string): string {
  return (/[^\0-\x7f]/.test(text) ? text.normalize('NFKC') : text).toLowerCase();
}
