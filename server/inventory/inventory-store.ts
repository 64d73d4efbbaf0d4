import { createHash } from 'node:crypto';
import { type GiveBack, takeLease } from '../platform/lease.ts';
import type { Redis } from '../platform/redis.ts';
import { checkedMachines } from '../providers/checked-machines.ts';
import type { ProviderMachine } from '../providers/provider.ts';

const PREFIX = 'rackside:inventory:';
const CHANNEL = 'rackside:inventory-news';
/** What a gateway asks for no more is forgotten after this. ms */
const KEPT_MS = 30 * 24 * 3600 * 1000;

/** Writes a list in the place of the one that it was made of; not where that is another meanwhile. */
const REPLACE = `
  if redis.call('HGET', KEYS[1], 'version') ~= ARGV[1] then return 0 end
  redis.call('HSET', KEYS[1], 'version', ARGV[2], 'machines', ARGV[3])
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

  /** Keeps a list, and tells every replica. */
  async save(provider: string, { machines, ...state }: StoredList): Promise<void> {
    const key = PREFIX + provider;
    const before = await this.#redis.run((client) => client.hGet(key, 'version'));
    const list = before === state.version ? {} : { machines: JSON.stringify(machines) };
    const fields = { ...list, ...mapValues(state) };
    await this.#redis.run((client) =>
      client
        .multi()
        .hSet(key, fields)
        .pExpire(key, KEPT_MS)
        .publish(CHANNEL, JSON.stringify({ provider, state } satisfies ListNews))
        .exec(),
    );
  }

  /**
   * Keeps a list with one machine changed, and tells every replica.
   *
   * @param before the version of the list that it was made of.
   * @returns false where another replica was quicker: nothing is kept then.
   */
  async replace(
    provider: string,
    before: string,
    { machines, ...state }: StoredList,
  ): Promise<boolean> {
    const news = JSON.stringify({ provider, state } satisfies ListNews);
    const args = [before, state.version, JSON.stringify(machines), CHANNEL, news];
    const options = { keys: [PREFIX + provider], arguments: args };
    return (await this.#redis.run((client) => client.eval(REPLACE, options))) === 1;
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

function mapValues(state: ListState): Record<string, string> {
  return Object.fromEntries(Object.entries(state).map(([name, value]) => [name, String(value)]));
}
