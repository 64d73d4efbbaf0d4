import type { Redis } from './redis.ts';

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
        expiration: { type: 'PXAT', value: until },
      }),
    );
    return answer === 'OK';
  }
}
