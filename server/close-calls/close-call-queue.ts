import type { Effect } from '../consoles/effect.ts';
import type { Redis } from '../platform/redis.ts';
import type { CloseCall } from './close-call.ts';

/** Ids by when each is to be tried next. */
const QUEUE = 'rackside:close-calls';
const PREFIX = 'rackside:close-call:';
/** A call that nobody has taken for so long (no gateway has closeUrls any more) is forgotten. */
const MEMORY_MS = 30 * 86_400_000;

/**
 * Takes what is due and puts its next try behind the lease, all by Redis's clock. The try is counted
 * before it is made: one that ends the process each time does not go on for ever.
 */
const TAKE = `
  local time = redis.call('TIME')
  local now = time[1] * 1000 + math.floor(time[2] / 1000)
  local id = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', now, 'LIMIT', 0, 1)[1]
  if not id then return nil end
  local call = redis.call('HMGET', ARGV[1] .. id, 'url', 'body')
  if not call[1] then
    redis.call('ZREM', KEYS[1], id)
    return nil
  end
  redis.call('ZADD', KEYS[1], string.format('%d', now + ARGV[2]), id)
  return { id, call[1], call[2], redis.call('HINCRBY', ARGV[1] .. id, 'tries', 1) }`;

const PUT_BACK = `
  local time = redis.call('TIME')
  local due = time[1] * 1000 + math.floor(time[2] / 1000) + ARGV[2]
  return redis.call('ZADD', KEYS[1], 'XX', string.format('%d', due), ARGV[1])`;

/** A call that was taken, and the how manieth try it is: 1 for the first. */
export interface TakenCall extends CloseCall {
  readonly tries: number;
}

/** Calls that are still to be made, in Redis: whichever replica takes one makes it. */
export class CloseCallQueue {
  readonly #redis: Redis;

  constructor(redis: Redis) {
    this.#redis = redis;
  }

  /** What puts a call into the queue, to be run with the change that brings it about. */
  static effectsOf({ id, url, body }: CloseCall): Effect[] {
    return [
      ['HSET', PREFIX + id, 'url', url, 'body', body],
      ['PEXPIRE', PREFIX + id, String(MEMORY_MS)],
      ['ZADD', QUEUE, '0', id],
    ];
  }

  /** A call that is due; nobody else gets it for `leaseMs`. */
  async take(leaseMs: number): Promise<TakenCall | undefined> {
    const taken = await this.#redis.run((client) =>
      client.eval(TAKE, { keys: [QUEUE], arguments: [PREFIX, String(leaseMs)] }),
    );
    if (!Array.isArray(taken)) return undefined;
    const [id, url, body, tries] = taken as [string, string, string, number];
    return { id, url, body, tries };
  }

  /** To be taken again so many milliseconds from now. */
  async putBack(id: string, delayMs: number): Promise<void> {
    await this.#redis.run((client) =>
      client.eval(PUT_BACK, { keys: [QUEUE], arguments: [id, String(delayMs)] }),
    );
  }

  async remove(id: string): Promise<void> {
    await this.#redis.run((client) =>
      client
        .multi()
        .zRem(QUEUE, id)
        .del(PREFIX + id)
        .exec(),
    );
  }
}
