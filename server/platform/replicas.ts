import { randomBytes } from 'node:crypto';
import type { Redis } from './redis.ts';

const PREFIX = 'rackside:replica:';
/** A replica that has not shown itself for this long is dead. ms */
const ALIVE_MS = 10_000;

/** The gateways that share a Redis: each shows that it lives, and sees which others do. */
export class Replicas {
  /** This one's name, new at each start. */
  readonly id = randomBytes(9).toString('base64url');
  readonly #redis: Redis;

  constructor(redis: Redis) {
    this.#redis = redis;
  }

  /**
   * Shows that this replica lives; to be called every few seconds.
   *
   * @returns false when it had counted as dead, or not at all: others may have acted on that.
   */
  async show(): Promise<boolean> {
    const before = await this.#redis.run((client) =>
      client.set(PREFIX + this.id, '1', {
        expiration: { type: 'PX', value: ALIVE_MS },
        GET: true,
      }),
    );
    return before !== null;
  }

  /** Those of these ids that belong to no living replica. */
  async dead(ids: readonly string[]): Promise<string[]> {
    if (ids.length === 0) return [];
    const keys = ids.map((id) => PREFIX + id);
    const shown = await this.#redis.run((client) => client.mGet(keys));
    return ids.filter((_, index) => shown[index] === null);
  }

  /** Says goodbye, so that nobody has to wait. */
  async stop(): Promise<void> {
    await this.#redis.run((client) => client.del(PREFIX + this.id)).catch(() => undefined);
  }
}
