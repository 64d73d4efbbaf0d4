import { setTimeout } from 'node:timers/promises';
import { GatewayError } from '../errors.ts';
import type { Rate, RateLimit, RateWait } from '../providers/provider-context.ts';
import type { Redis } from './redis.ts';

/** A call that has no answer after this long will have none. ms */
const UNANSWERED_MS = 60_000;
/** A bucket of which the remote has told is remembered for this long. ms */
const REMEMBERED_MS = 3_600_000;
/** How soon it is looked again whether the remote has told how many calls are left. ms */
const LOOK_MS = 25;
const UNKNOWN = -2;

/**
 * A bucket of calls that fills with time, and the calls that have no answer yet. Who finds it empty
 * takes a call of the future, so that all who wait are served in turn, whichever replica they wait
 * at. Times are Redis's own.
 */
const BUCKET = `
  local burst, perMs = tonumber(ARGV[1]), tonumber(ARGV[2]) / 1000
  local told = ARGV[3] == '1'
  local time = redis.call('TIME')
  local now = time[1] * 1000 + math.floor(time[2] / 1000)
  redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', now - ${UNANSWERED_MS})
  local known = redis.call('HMGET', KEYS[1], 'left', 'at')
  local left = not told and burst or nil
  if known[1] then
    left = math.min(burst, tonumber(known[1]) + math.max(0, now - known[2]) * perMs)
  end
  local function keep(value)
    local full = math.ceil((burst - value) / perMs) + 1000
    redis.call('HSET', KEYS[1], 'left', string.format('%.6f', value), 'at', now)
    redis.call('PEXPIRE', KEYS[1], told and math.max(full, ${REMEMBERED_MS}) or full)
  end
  local function unanswered(sent)
    if not told then return end
    redis.call('ZADD', KEYS[2], sent, redis.call('HINCRBY', KEYS[1], 'calls', 1))
    redis.call('PEXPIRE', KEYS[1], ${REMEMBERED_MS})
    redis.call('PEXPIRE', KEYS[2], ${REMEMBERED_MS})
  end`;

/** How long to wait, ms; -1 where that is too long, -2 where the first call has no answer yet. */
const TAKE = `${BUCKET}
  if not left then
    if redis.call('ZCARD', KEYS[2]) > 0 then return -2 end
    unanswered(now)
    return 0
  end
  local wait = left >= 1 and 0 or math.ceil((1 - left) / perMs)
  if wait > tonumber(ARGV[4]) then return -1 end
  keep(left - 1)
  unanswered(now + wait)
  return wait`;

/**
 * What the remote says was true before it saw the calls that have no answer yet. Once all have one, the
 * least that it said among them is true: ours may have become less than that by caution.
 */
const ANSWERED = `${BUCKET}
  redis.call('ZPOPMIN', KEYS[2])
  local said = tonumber(ARGV[4])
  if said < 0 then return 0 end
  local waiting = redis.call('ZCARD', KEYS[2])
  local least = math.min(said, tonumber(redis.call('HGET', KEYS[1], 'least') or said))
  if told and waiting == 0 then
    redis.call('HDEL', KEYS[1], 'least')
    keep(least)
    return 0
  end
  if told then redis.call('HSET', KEYS[1], 'least', least) end
  if not left or said - waiting < left then keep(said - waiting) end
  return 0`;

/** Limits of remotes on our calls, as buckets in Redis that all replicas share. */
export class SharedRateLimit implements RateLimit {
  readonly #redis: Redis;

  constructor(redis: Redis) {
    this.#redis = redis;
  }

  async take(account: string, rate: Rate, { signal, most, onWait }: RateWait): Promise<void> {
    signal?.throwIfAborted();
    let looked = 0;
    let wait = await this.#eval(TAKE, account, rate, Math.floor(most));
    for (; wait === UNKNOWN && looked < most; looked += LOOK_MS) {
      await setTimeout(LOOK_MS, undefined, signal && { signal });
      wait = await this.#eval(TAKE, account, rate, Math.floor(most));
    }
    if (wait === 0) return;
    if (wait < 0) {
      const retryAfter = Math.ceil(most / 1000);
      const message = 'too many calls of the system are waiting already';
      throw new GatewayError('provider_unavailable', message, { retryAfter });
    }
    onWait?.(wait);
    try {
      await setTimeout(wait, undefined, signal && { signal });
    } catch (error) {
      await this.atMost(account, rate, null);
      throw error;
    }
  }

  async atMost(account: string, rate: Rate, left: number | null): Promise<void> {
    await this.#eval(ANSWERED, account, rate, left ?? -1);
  }

  async #eval(script: string, account: string, rate: Rate, value: number): Promise<number> {
    const key = `rackside:rate:${account}`;
    const args = [rate.burst, rate.perSecond, rate.told ? 1 : 0, value].map(String);
    const keys = [key, `${key}:unanswered`];
    const reply = await this.#redis.run((client) => client.eval(script, { keys, arguments: args }));
    return Number(reply);
  }
}
