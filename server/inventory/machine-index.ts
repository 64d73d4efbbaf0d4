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
}

interface Entry extends IndexedMachine {
  readonly text: string;
}

/** All providers' machines in memory, in the order of their public ids. */
export class MachineIndex {
  readonly #byProvider = new Map<string, ReadonlyMap<string, Entry>>();
  #ordered: readonly Entry[] | null = null;

  /** Replaces a provider's machines. */
  put(
    provider: Provider,
    machines: readonly ProviderMachine[],
    staleSince: IndexedMachine['staleSince'],
  ): void {
    const entries = machines.map((machine): Entry => {
      const id = `${provider.id}:${machine.id}`;
      const known = { ...machine, id, localId: machine.id, provider };
      return { machine: known, staleSince, text: textOf(known) };
    });
    this.#byProvider.set(provider.id, new Map(entries.map((entry) => [entry.machine.id, entry])));
    this.#ordered = null;
  }

  find(id: string): IndexedMachine | undefined {
    return this.#byProvider.get(id.slice(0, Math.max(id.indexOf(':'), 0)))?.get(id);
  }

  /** In the order of their public ids. */
  *search({ q, provider, location }: MachineSearch): Generator<IndexedMachine> {
    const part = fold(q ?? '');
    for (const entry of this.#all()) {
      const { machine, text } = entry;
      if (provider !== undefined && machine.provider.id !== provider) continue;
      if (location !== undefined && machine.location !== location) continue;
      if (text.includes(part)) yield entry;
    }
  }

  #all(): readonly Entry[] {
    this.#ordered ??= [...this.#byProvider.values()]
      .flatMap((entries) => [...entries.values()])
      .toSorted((a, b) => (a.machine.id < b.machine.id ? -1 : 1));
    return this.#ordered;
  }
}

function textOf({ id, name, labels = [], addresses = [] }: Machine): string {
  return fold([id, name, ...labels, ...addresses].join('\n'));
}

/** Letters alike, however they are written. */
function fold(text: string): string {
  return text.normalize('NFKC').toLowerCase();
}
