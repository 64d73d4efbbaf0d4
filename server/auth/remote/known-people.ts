import type { Redis } from '../../platform/redis.ts';
import { foldedName } from '../folded-name.ts';

/** By the folded name, the lasting id of the person who has it. */
const KEY = 'rackside:people';

/**
 * To whom names belong that sources give: a source may let people rename themselves, or give the name
 * of somebody who has left to somebody else. Throws `redis_unavailable` when Redis does not answer.
 */
export class KnownPeople {
  readonly #redis: Redis;

  constructor(redis: Redis) {
    this.#redis = redis;
  }

  /** Whether the name is this person's: of the first who comes by it, until it is given up. */
  async claim(name: string, subject: string): Promise<boolean> {
    const field = foldedName(name);
    return this.#redis.run(async (client) => {
      await client.hSetNX(KEY, field, subject);
      return (await client.hGet(KEY, field)) === subject;
    });
  }

  async has(name: string): Promise<boolean> {
    return (await this.#redis.run((client) => client.hExists(KEY, foldedName(name)))) === 1;
  }

  /** The next who comes by this name has it. */
  async giveUp(name: string): Promise<void> {
    await this.#redis.run((client) => client.hDel(KEY, foldedName(name)));
  }
}
