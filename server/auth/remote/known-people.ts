import type { Redis } from '../../platform/redis.ts';
import { foldedName } from '../folded-name.ts';

/** By the folded name, the lasting id of the person who has it. */
const KEY = 'rackside:people';
/** By the folded name, the spellings under which that person has come. */
const SPELLINGS = 'rackside:people:spellings:';

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
      if ((await client.hGet(KEY, field)) !== subject) return false;
      await client.sAdd(SPELLINGS + field, name);
      return true;
    });
  }

  async has(name: string): Promise<boolean> {
    return (await this.#redis.run((client) => client.hExists(KEY, foldedName(name)))) === 1;
  }

  /** Each way in which whoever has this name has written it: what is kept by names is by one of these. */
  async spellings(name: string): Promise<string[]> {
    const came = await this.#redis.run((client) => client.sMembers(SPELLINGS + foldedName(name)));
    return [...new Set([name, ...came])];
  }

  /** The next who comes by this name has it. */
  async giveUp(name: string): Promise<void> {
    const field = foldedName(name);
    await this.#redis.run((client) =>
      client
        .multi()
        .hDel(KEY, field)
        .del(SPELLINGS + field)
        .exec(),
    );
  }
}
