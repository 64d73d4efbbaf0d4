import { setTimeout as wait } from 'node:timers/promises';
import type { Logger } from '../log.ts';
import type { Machine, Provider } from '../providers/provider.ts';
import { InventoryStore, type StoredList } from './inventory-store.ts';
import type { Redis } from '../platform/redis.ts';
import { type IndexedMachine, MachineIndex, type MachineSearch } from './machine-index.ts';
import { ProviderList } from './provider-list.ts';

export interface InventoryParts {
  readonly redis: Redis;
  /** Between two looks at a provider's list. ms */
  readonly interval: number;
  readonly log: Logger;
  readonly now: () => number;
}

/** A gateway begins to serve without a provider's list after this long. ms */
const START_MS = 1000;
/** Who asks for a list again so soon is given the same. ms */
const SYNC_MS = 3000;
/** A machine that was switched is another one after a while: the pauses before each look. ms */
const AFTER_POWER_MS = [1000, 4000, 10_000];
/** For the first look, for which whoever switched it waits. */
const FIRST_LOOK_MS = 1000;

/**
 * All providers' machines as they were last heard: whoever asks for a list waits for no provider.
 * Replicas share it over Redis, and one of them at a time asks a provider.
 */
export class Inventory {
  readonly #parts: InventoryParts;
  readonly #store: InventoryStore;
  readonly #index = new MachineIndex();
  readonly #lists = new Map<string, ProviderList>();
  readonly #followed = new Map<string, AbortController>();

  constructor(parts: InventoryParts) {
    this.#parts = parts;
    this.#store = new InventoryStore(parts.redis);
  }

  add(provider: Provider): void {
    const { interval, log, now } = this.#parts;
    const list = new ProviderList({
      ...{ provider, interval, log, now },
      store: this.#store,
      onChange: ({ machines, failing, refreshedAt }) =>
        this.#index.put(provider, machines, failing ? refreshedAt : null),
    });
    this.#lists.set(provider.id, list);
  }

  /** Resolves when each provider was heard, or a second later. */
  async start(): Promise<void> {
    const lists = [...this.#lists.values()];
    this.#store.onNews(({ provider, state }) => void this.#lists.get(provider)?.follow(state));
    this.#store.onGap(() => lists.forEach((list) => void list.load()));
    await Promise.all(lists.map((list) => list.start()));
    const heard = Promise.all(lists.map(({ first }) => first));
    await Promise.race([heard, wait(START_MS, undefined, { ref: false })]);
  }

  find(id: string): IndexedMachine | undefined {
    return this.#index.find(id);
  }

  /** In the order of their public ids. */
  search(query: MachineSearch): Generator<IndexedMachine> {
    return this.#index.search(query);
  }

  /** The provider's list has changed: it is asked for soon. */
  refresh(provider: string): void {
    this.#lists.get(provider)?.refresh();
  }

  /** Each provider, and how it goes with its list. */
  providers(): { readonly id: string; readonly list: StoredList | undefined }[] {
    return [...this.#lists].map(([id, { known }]) => ({ id, list: known }));
  }

  /** Somebody wants the provider's list anew: however many do so at once, it is asked for once. */
  async sync(provider: string): Promise<void> {
    // Without Redis each replica counts as the only one.
    const isFirst = await this.#store.first(provider, SYNC_MS).catch(() => true);
    if (isFirst) this.refresh(provider);
  }

  /** What its provider has just said of a machine, which all replicas know then. Never rejects. */
  async note(found: Machine): Promise<void> {
    const { provider, localId, ...heard } = found;
    await this.#lists.get(provider.id)?.note(localId, { ...heard, id: localId });
  }

  /** Its provider has just said that it is not there any more. Never rejects. */
  async forget({ provider, localId }: Machine): Promise<void> {
    await this.#lists.get(provider.id)?.note(localId, undefined);
  }

  /**
   * It was switched, which takes its time: it alone is asked for at once and some times more, and
   * whoever switches it again meanwhile begins the latter anew. Resolves when the list has what its
   * provider says now, or a second has passed; never rejects.
   */
  async followPower(machine: Machine): Promise<void> {
    const { id } = machine;
    const before = this.#followed.get(id);
    before?.abort();
    const following = new AbortController();
    this.#followed.set(id, following);
    if (!before) await this.#look(machine, AbortSignal.timeout(FIRST_LOOK_MS));
    void this.#follow(machine, following.signal).finally(() => {
      if (this.#followed.get(id) === following) this.#followed.delete(id);
    });
  }

  async #follow(machine: Machine, signal: AbortSignal): Promise<void> {
    for (const ms of AFTER_POWER_MS) {
      const waited = await wait(ms, true, { signal, ref: false }).catch(() => false);
      if (!waited) return;
      await this.#look(machine, signal);
    }
  }

  /** What cannot be heard now is told by the next look, or else by the next list. */
  async #look(machine: Machine, signal: AbortSignal): Promise<void> {
    const { id, provider, localId } = machine;
    try {
      const heard = await provider.get(localId, signal);
      if (heard) await this.note({ ...heard, id, localId, provider });
      else await this.forget(machine);
    } catch {
      return;
    }
  }

  async stop(): Promise<void> {
    for (const following of this.#followed.values()) following.abort();
    await Promise.all([...this.#lists.values()].map((list) => list.stop()));
  }
}
