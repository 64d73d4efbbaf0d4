import { toGatewayError } from '../errors.ts';
import type { Logger } from '../log.ts';
import type { Provider, ProviderMachine } from '../providers/provider.ts';
import {
  type InventoryStore,
  type ListState,
  type Notes,
  type StoredList,
  versionOf,
} from './inventory-store.ts';

export interface ProviderListParts {
  readonly provider: Provider;
  readonly store: InventoryStore;
  /** Between two looks at the list. ms */
  readonly interval: number;
  readonly onChange: (list: StoredList) => void;
  readonly log: Logger;
  readonly now: () => number;
}

/** Replicas do not all look at once, nor all providers. */
const JITTER = 0.1;
/** Events that follow each other closely are one. ms */
const PAUSE_MS = 1000;
/** Another replica is asking; what it hears may be from before the event. ms */
const HELD_MS = 500;
/** Replicas that change the list at the same time come one after the other. */
const CHANGES = 10;

/** One provider's list as this replica knows it, kept up to date together with the others. */
export class ProviderList {
  /** Resolves when the list was asked for once, with whatever success. */
  readonly first: Promise<void>;
  readonly #parts: ProviderListParts;
  readonly #abort = new AbortController();
  readonly #settleFirst: () => void;
  #list: StoredList | undefined;
  #timer: NodeJS.Timeout | undefined;
  #turn: Promise<void> | undefined;
  #wanted = true;
  /** Heard here of single machines while the list is asked for. */
  readonly #noted = new Map<string, ProviderMachine | undefined>();
  /** Not in the list yet. */
  readonly #pending = new Map<string, ProviderMachine | undefined>();
  #writes: Promise<void> = Promise.resolve();
  #endedAt = 0;

  constructor(parts: ProviderListParts) {
    this.#parts = parts;
    let settle: () => void = () => undefined;
    this.first = new Promise((resolve) => {
      settle = resolve;
    });
    this.#settleFirst = settle;
  }

  /** Begins with what is in Redis, and asks the provider at once. */
  async start(): Promise<void> {
    await this.load();
    this.#schedule(0);
  }

  /** As it was last heard; undefined where it never was asked for. */
  get known(): StoredList | undefined {
    return this.#list;
  }

  /** It has changed: it is asked for soon, by this replica. */
  refresh(): void {
    this.#wanted = true;
    if (!this.#turn) this.#schedule(this.#endedAt + PAUSE_MS - this.#parts.now());
  }

  /**
   * What was heard of one machine alone; undefined where it is gone. Every replica knows it then. It
   * also counts for a list that is being asked for, which may be older.
   */
  async note(id: string, machine: ProviderMachine | undefined): Promise<void> {
    if (this.#turn) this.#noted.set(id, machine);
    this.#pending.set(id, machine);
    this.#writes = this.#writes.then(() => this.#write());
    await this.#writes;
  }

  /** What another replica has heard. */
  async follow(state: ListState): Promise<void> {
    const known = this.#list;
    if (known?.version !== state.version) await this.load();
    else if (known.triedAt < state.triedAt) this.#take({ ...known, ...state });
  }

  /** What is in Redis, unless it is older than what is known here. */
  async load(): Promise<void> {
    const { store, provider } = this.#parts;
    const stored = await store.load(provider.id).catch(() => undefined);
    if (stored && stored.triedAt >= (this.#list?.triedAt ?? 0)) this.#take(stored);
  }

  async stop(): Promise<void> {
    this.#abort.abort();
    clearTimeout(this.#timer);
    this.#settleFirst();
    await this.#turn;
  }

  #schedule(ms: number): void {
    clearTimeout(this.#timer);
    if (this.#abort.signal.aborted) return;
    this.#timer = setTimeout(
      () => {
        this.#turn = this.#takeTurn().then((pause) => {
          this.#turn = undefined;
          this.#schedule(pause);
        });
      },
      Math.max(0, ms),
    );
  }

  /** @returns the time until the next turn, ms. */
  async #takeTurn(): Promise<number> {
    const { interval, store, provider, now } = this.#parts;
    // Without Redis each replica looks for itself.
    const release = await store.lease(provider.id).catch(() => async () => undefined);
    if (!release) return this.#wanted ? HELD_MS : jittered(interval);
    const isDue = now() - (this.#list?.triedAt ?? 0) > interval / 2;
    if (this.#wanted || isDue) {
      this.#wanted = false;
      await this.#ask();
      this.#endedAt = now();
    }
    await release();
    this.#settleFirst();
    return this.#wanted ? PAUSE_MS : jittered(interval);
  }

  async #ask(): Promise<void> {
    const { provider, store } = this.#parts;
    this.#noted.clear();
    // While Redis is away this replica alone knows; the next turn tells the others.
    await store.clearNotes(provider.id).catch(() => undefined);
    const heard = await this.#hear();
    if (!heard) return;
    for (let tries = 0; tries < CHANGES; tries += 1) {
      const others = await store.notes(provider.id).catch(() => undefined);
      const own = withNotes(heard.machines, this.#noted);
      const machines = others ? withNotes(own, others.notes) : own;
      const list = { ...heard, machines, version: versionOf(machines) };
      this.#take(list);
      if (!others) return;
      if (await store.save(provider.id, others.version, list).catch(() => true)) return;
    }
    this.refresh();
  }

  /** How it went with the list, and the machines as they are known now; undefined when stopped. */
  async #hear(): Promise<Omit<StoredList, 'version'> | undefined> {
    const { provider, log, now } = this.#parts;
    const { signal } = this.#abort;
    try {
      const machines = await provider.list(signal);
      const at = now();
      if (this.#list?.failing) log.info({ provider: provider.id }, 'provider lists machines again');
      return { machines, refreshedAt: at, triedAt: at, failing: false, reason: '' };
    } catch (error) {
      if (signal.aborted) return undefined;
      if (!this.#list?.failing) {
        log.warn({ provider: provider.id, err: error }, 'provider does not list machines');
      }
      const { machines = [], refreshedAt = 0 } = this.#list ?? {};
      const reason = toGatewayError(error).message;
      return { machines, refreshedAt, triedAt: now(), failing: true, reason };
    }
  }

  /** Brings all that waits into the list, in one change. */
  async #write(): Promise<void> {
    const { store, provider } = this.#parts;
    if (this.#pending.size === 0) return;
    const notes = new Map(this.#pending);
    this.#pending.clear();
    for (let tries = 0; tries < CHANGES; tries += 1) {
      const list = this.#list;
      if (!list) return;
      const machines = withNotes(list.machines, notes);
      const change = { machines, version: versionOf(machines) };
      if (change.version === list.version) return;
      const changed = { ...list, ...change };
      // While Redis is away this replica alone knows, as with whole lists.
      if (await store.replace(provider.id, list.version, changed, notes).catch(() => true)) {
        // Another list may have come meanwhile, which has it in it.
        if (this.#list?.version === list.version) this.#take({ ...this.#list, ...change });
        return;
      }
      await this.load();
    }
    this.refresh();
  }

  #take(list: StoredList): void {
    const { onChange } = this.#parts;
    const before = this.#list;
    this.#list = list;
    if (before?.version === list.version && before.failing === list.failing) return;
    onChange(list);
  }
}

/** Each in its place among the others, behind them where it is new. */
function withNotes(machines: readonly ProviderMachine[], notes: Notes): readonly ProviderMachine[] {
  if (notes.size === 0) return machines;
  const known = machines.map((each) => (notes.has(each.id) ? notes.get(each.id) : each));
  const ids = new Set(machines.map(({ id }) => id));
  const fresh = [...notes].map(([id, machine]) => (ids.has(id) ? undefined : machine));
  return [...known, ...fresh].filter((each) => each !== undefined);
}

function jittered(ms: number): number {
  return ms * (1 - JITTER + 2 * JITTER * Math.random());
}
