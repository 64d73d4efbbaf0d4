import { randomBytes } from 'node:crypto';
import type { Redis } from './redis.ts';

const PREFIX = 'rackside:replica:';
/** Every replica that may have left something behind. */
const ALL = 'rackside:replicas';
/** Names those who share this Redis, to whom things elsewhere belong. */
const INSTALLATION = 'rackside:installation';
/** A replica that has not shown itself for this long is dead. ms */
const ALIVE_MS = 10_000;

/** The gateways that share a Redis: each shows that it lives, and sees which others do. */
export class Replicas {
  /** This one's name, new at each start: hex digits, since others' names are made of it. */
  readonly id = randomBytes(9).toString('hex');
  readonly #redis: Redis;
  /** Who has not been there does not die. */
  #shown = false;

  constructor(redis: Redis) {
    this.#redis = redis;
  }

  /**
   * Shows that this replica lives; to be called every few seconds.
   *
   * @returns false when it had counted as dead: others may have acted on that.
   */
  async show(): Promise<boolean> {
    const options = { expiration: { type: 'PX', value: ALIVE_MS }, GET: true } as const;
    const [added, before] = await this.#redis.run((client) =>
      client
        .multi()
        .sAdd(ALL, this.id)
        .set(PREFIX + this.id, '1', options)
        .exec(),
    );
    const alive = before !== null || (Number(added) === 1 && !this.#shown);
    this.#shown = true;
    return alive;
  }

  /** Those that have died, or said goodbye, and are not forgotten. */
  async gone(): Promise<string[]> {
    return this.dead(await this.#redis.run((client) => client.sMembers(ALL)));
  }

  /** Those of these ids that belong to no living replica. */
  async dead(ids: readonly string[]): Promise<string[]> {
    if (ids.length === 0) return [];
    const shown = await this.#redis.run((client) => client.mGet(ids.map((id) => PREFIX + id)));
    return ids.filter((_, index) => shown[index] === null);
  }

  /** Hex digits, the same for all who share this Redis and for nobody else. */
  async installation(): Promise<string> {
    const made = randomBytes(9).toString('hex');
    const options = { condition: 'NX', GET: true } as const;
    return (await this.#redis.run((client) => client.set(INSTALLATION, made, options))) ?? made;
  }

  /** Nothing of theirs is left. */
  async forget(ids: readonly string[]): Promise<void> {
    await this.#redis.run((client) => client.sRem(ALL, [...ids]));
  }

  /** Says goodbye, so that nobody has to wait. */
  async stop(): Promise<void> {
    await this.#redis.run((client) => client.del(PREFIX + this.id)).catch(() => undefined);
  }
}
