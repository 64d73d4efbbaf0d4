import { GatewayError } from '../errors.ts';
import type { Redis } from './redis.ts';

/** Counts within a window that begins with the first try. Answers the count and the time left, ms. */
const TAKE = `
  local tries = redis.call('INCR', KEYS[1])
  if tries == 1 then redis.call('PEXPIRE', KEYS[1], ARGV[1]) end
  return { tries, redis.call('PTTL', KEYS[1]) }`;

/** A counter that has expired meanwhile must not begin anew, and without an end. */
const GIVE_BACK = `
  if redis.call('EXISTS', KEYS[1]) == 1 then redis.call('DECR', KEYS[1]) end
  return 0`;

export interface TryLimitOptions {
  /** Names the counters: two limits of one name would share them. */
  readonly name: string;
  readonly tries: number;
  readonly windowMs: number;
}

/**
 * So many wrong tries within a window, whichever replica is asked. A try is counted before it is
 * looked at, so that many at once are no way round; one that was right is given back.
 */
export class TryLimit {
  readonly #redis: Redis;
  readonly #options: TryLimitOptions;

  constructor(redis: Redis, options: TryLimitOptions) {
    this.#redis = redis;
    this.#options = options;
  }

  /**
   * Counts a try.
   *
   * @param what begins the refusal's sentence: `too many wrong pins for server 7`.
   * @throws GatewayError `rate_limited`, with the seconds that are left of the window, when there
   * were too many already: the try is not to be looked at.
   */
  async take(id: string, what: string): Promise<void> {
    const { tries, windowMs } = this.#options;
    const [taken, left] = (await this.#eval(TAKE, id, String(windowMs))) as [number, number];
    if (taken > tries) throw refusal(what, left);
  }

  async giveBack(id: string): Promise<void> {
    await this.#eval(GIVE_BACK, id);
  }

  #eval(script: string, id: string, ...args: string[]): Promise<unknown> {
    const keys = [`rackside:tries:${this.#options.name}:${id}`];
    return this.#redis.run((client) => client.eval(script, { keys, arguments: args }));
  }
}

function refusal(what: string, leftMs: number): GatewayError {
  const retryAfter = Math.max(1, Math.ceil(leftMs / 1000));
  const words = `${what}, try again in ${inWords(retryAfter)}`;
  return new GatewayError('rate_limited', words, { retryAfter });
}

function inWords(seconds: number): string {
  const [count, unit] = seconds < 90 ? [seconds, 'second'] : [Math.ceil(seconds / 60), 'minute'];
  return count === 1 ? `1 ${unit}` : `${count} ${unit}s`;
}
