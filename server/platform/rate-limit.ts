import { setTimeout } from 'node:timers/promises';
import { GatewayError } from '../errors.ts';
import type { Rate, RateLimit, RateWait } from '../providers/provider.ts';
import type { Redis } from './redis.ts';

/**
 * A bucket of calls that fills with time. Who finds it empty takes a call of the future, so that all
 * who wait are served in turn, whichever replica they wait at; answers how long that is, ms, or -1
 * where it is longer than the fourth argument. Times are Redis's own.
 */
const BUCKET = `
  local burst, perMs = tonumber(ARGV[1]), tonumber(ARGV[2]) / 1000
  local time = redis.call('TIME')
  local now = time[1] * 1000 + math.floor(time[2] / 1000)
  local known = redis.call('HMGET', KEYS[1], 'left', 'at')
  local left = burst
  if known[1] then
    left = math.min(burst, tonumber(known[1]) + math.max(0, now - known[2]) * perMs)
  end
  local function keep(value)
    redis.call('HSET', KEYS[1], 'left', string.format('%.6f', value), 'at', now)
    redis.call('PEXPIRE', KEYS[1], math.ceil((burst - value) / perMs) + 1000)
  end`;

const TAKE = `${BUCKET}
  local wait = left >= 1 and 0 or math.ceil((1 - left) / perMs)
  if wait > tonumber(ARGV[3]) then return -1 end
  keep(left - 1)
  return wait`;

const AT_MOST = `${BUCKET}
  if tonumber(ARGV[3]) < left then keep(tonumber(ARGV[3])) end
  return 0`;

/** Limits of remotes on our calls, as buckets in Redis that all replicas share. */
export class SharedRateLimit implements RateLimit {
  readonly #redis: Redis;

  constructor(redis: Redis) {
    this.#redis = redis;
  }

  async take(account: string, rate: Rate, { signal, most, onWait }: RateWait): Promise<void> {
    signal?.throwIfAborted();
    const wait = await this.#eval(TAKE, account, rate, Math.floor(most));
    if (wait === 0) return;
    if (wait < 0) {
      const retryAfter = Math.ceil(most / 1000);
      const message = 'too many calls of the system are waiting already';
      throw new GatewayError('provider_unavailable', message, { retryAfter });
    }
    onWait?.(wait);
    await setTimeout(wait, undefined, signal && { signal });
  }

  async atMost(account: string, rate: Rate, left: number): Promise<void> {
    await this.#eval(AT_MOST, account, rate, left);
  }

  async #eval(script: string, account: string, rate: Rate, value: number): Promise<number> {
    const keys = [`rackside:rate:${account}`];
    const args = [rate.burst, rate.perSecond, value].map(String);
    const reply = await this.#redis.run((client) => client.eval(script, { keys, arguments: args }));
    return Number(reply);
  }
}
