import type { Redis } from './redis.ts';

/** For the moment in which a clock still takes what Redis has forgotten. */
const MARGIN_MS = 5000;

/** Things that may be used once, whoever of the replicas is asked. */
export class SingleUse {
  readonly #redis: Redis;

  constructor(redis: Redis) {
    this.#redis = redis;
  }

  /**
   * True for the first use of this id. `until`, in milliseconds since the epoch, is when the thing
   * expires by itself and needs no memory any more.
   */
  async use(id: string, until: number): Promise<boolean> {
    const answer = await this.#redis.run((client) =>
      client.set(`rackside:used:${id}`, '1', {
        condition: 'NX',
        expiration: { type: 'PXAT', value: until + MARGIN_MS },
      }),
    );
    return answer === 'OK';
  }
}
