import { createHash } from 'node:crypto';
import { type GiveBack, takeLease } from '../platform/lease.ts';
import type { Redis } from '../platform/redis.ts';
import { checkedMachine, checkedMachines } from '../providers/checked-machines.ts';
import type { ProviderMachine } from '../providers/provider.ts';

const PREFIX = 'rackside:inventory:';
const CHANNEL = 'rackside:inventory-news';
/** What a gateway asks for no more is forgotten after this. ms */
const KEPT_MS = 30 * 24 * 3600 * 1000;

/** Writes a list in the place of the one that was there; not where that is another meanwhile. */
const SAVE = `
  if (redis.call('HGET', KEYS[1], 'version') or '') ~= ARGV[1] then return 0 end
  redis.call('HSET', KEYS[1], unpack(ARGV, 5))
  redis.call('PEXPIRE', KEYS[1], ARGV[2])
  redis.call('PUBLISH', ARGV[3], ARGV[4])
  return 1`;
/** Likewise with the one that it was made of, and what is noted in it by this. */
const REPLACE = `
  if redis.call('HGET', KEYS[1], 'version') ~= ARGV[1] then return 0 end
  redis.call('HSET', KEYS[1], 'version', ARGV[2], 'machines', ARGV[3])
  for at = 7, #ARGV, 2 do redis.call('HSET', KEYS[2], ARGV[at], ARGV[at + 1]) end
  redis.call('PEXPIRE', KEYS[2], ARGV[6])
  redis.call('PUBLISH', ARGV[4], ARGV[5])
  return 1`;

/** How it went with a provider's list. Times are milliseconds since the epoch. */
export interface ListState {
  /** Names the list's content. */
  readonly version: string;
  /** When the list was last heard. */
  readonly refreshedAt: number;
  /** When it was last asked for. */
  readonly triedAt: number;
  /** It was asked for in vain since. */
  readonly failing: boolean;
  /** Why; empty where it does not fail. */
  readonly reason: string;
}

export interface StoredList extends ListState {
  readonly machines: readonly ProviderMachine[];
}

/** What was heard of single machines, by their ids; undefined where one is gone. */
export type Notes = ReadonlyMap<string, ProviderMachine | undefined>;

export interface ListNews {
  readonly provider: string;
  readonly state: ListState;
}

/** Each provider's last list in Redis, and what replicas tell each other of it. */
export class InventoryStore {
  readonly #redis: Redis;

  constructor(redis: Redis) {
    this.#redis = redis;
  }

  onNews(listener: (news: ListNews) => void): void {
    this.#redis.subscribe(CHANNEL, (message) => listener(JSON.parse(message) as ListNews));
  }

  /** Called when news may have been missed, because Redis was away. */
  onGap(listener: () => void): void {
    this.#redis.onResubscribed(listener);
  }

  /** Undefined where there is none that this version of the gateway can read. */
  async load(provider: string): Promise<StoredList | undefined> {
    const fields = await this.#redis.run((client) => client.hGetAll(PREFIX + provider));
    if (!fields['machines']) return undefined;
    try {
      return {
        machines: checkedMachines(provider, JSON.parse(fields['machines'])),
        version: fields['version'] ?? '',
        refreshedAt: Number(fields['refreshedAt']),
        triedAt: Number(fields['triedAt']),
        failing: fields['failing'] === 'true',
        reason: fields['reason'] ?? '',
      };
    } catch {
      return undefined;
    }
  }

  /**
   * Keeps a list, and tells every replica.
   *
   * @param before the version of the list that is there, of `notes`.
   * @returns false where another replica has changed that meanwhile: nothing is kept then.
   */
  async save(
    provider: string,
    before: string,
    { machines, ...state }: StoredList,
  ): Promise<boolean> {
    const list = before === state.version ? {} : { machines: JSON.stringify(machines) };
    const fields = Object.entries({ ...list, ...mapValues(state) }).flat();
    const args = [before, String(KEPT_MS), CHANNEL, newsOf(provider, state), ...fields];
    const options = { keys: [PREFIX + provider], arguments: args };
    return (await this.#redis.run((client) => client.eval(SAVE, options))) === 1;
  }

  /**
   * Keeps a list with some machines changed, and tells every replica.
   *
   * @param before the version of the list that it was made of.
   * @returns false where another replica was quicker: nothing is kept then.
   */
  async replace(
    provider: string,
    before: string,
    { machines, ...state }: StoredList,
    notes: Notes,
  ): Promise<boolean> {
    const news = newsOf(provider, state);
    const noted = [...notes].flatMap(([id, machine]) => [id, JSON.stringify(machine ?? null)]);
    const list = [state.version, JSON.stringify(machines)];
    const args = [before, ...list, CHANNEL, news, String(KEPT_MS), ...noted];
    const options = { keys: [PREFIX + provider, notesKey(provider)], arguments: args };
    return (await this.#redis.run((client) => client.eval(REPLACE, options))) === 1;
  }

  /** What is noted from now on is what `notes` tells. */
  async clearNotes(provider: string): Promise<void> {
    await this.#redis.run((client) => client.del(notesKey(provider)));
  }

  /** What all replicas have noted, and the version of the list in which that is; '' where is none. */
  async notes(provider: string): Promise<{ version: string; notes: Notes }> {
    const [version, noted] = await this.#redis.run((client) =>
      client
        .multi()
        .hGet(PREFIX + provider, 'version')
        .hGetAll(notesKey(provider))
        .execTyped(),
    );
    const notes = Object.entries(noted).map(([id, text]) => {
      const machine: unknown = JSON.parse(text) ?? undefined;
      return [id, checkedMachine(provider, id, machine)] as const;
    });
    return { version: version ?? '', notes: new Map(notes) };
  }

  /** Whether nobody, at any replica, has said so within this time. ms */
  async first(provider: string, within: number): Promise<boolean> {
    const expiration = { type: 'PX', value: within } as const;
    const key = `${PREFIX}${provider}:sync`;
    const set = this.#redis.run((client) => client.set(key, '1', { condition: 'NX', expiration }));
    return (await set) !== null;
  }

  /**
   * The right to ask this provider, for one replica at a time, for as long as it needs.
   *
   * @returns how to give it back; undefined while another replica has it.
   */
  lease(provider: string): Promise<GiveBack | undefined> {
    return takeLease(this.#redis, `${PREFIX}${provider}:lease`);
  }
}

/** The same for the same machines. */
export function versionOf(machines: readonly ProviderMachine[]): string {
  return createHash('sha256').update(JSON.stringify(machines)).digest('base64url').slice(0, 22);
}

function notesKey(provider: string): string {
  return `${PREFIX}${provider}:notes`;
}

function newsOf(provider: string, state: ListState): string {
  return JSON.stringify({ provider, state } satisfies ListNews);
}

function mapValues(state: ListState): Record<string, string> {
  return Object.fromEntries(Object.entries(state).map(([name, value]) => [name, String(value)]));
}
