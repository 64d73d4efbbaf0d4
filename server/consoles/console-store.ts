import { GatewayError } from '../errors.ts';
import type { Redis } from '../platform/redis.ts';
import { type ConsoleRecord, dueAt } from './console.ts';

/** What a change of a record did, so that the caller can tell others. */
export interface Updated {
  readonly before: ConsoleRecord;
  readonly after: ConsoleRecord;
}

const PREFIX = 'rackside:console:';
const INDEX = 'rackside:consoles';
/** The sweep ends a record at its deadline; Redis drops it by itself this much later. */
const SAFETY_MS = 60_000;
const ATTEMPTS = 16;

/** Writes the record only where it is still what was read, so that no change is lost. */
const COMPARE_AND_SET = `
  if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
  redis.call('SET', KEYS[1], ARGV[2], 'PXAT', ARGV[3])
  redis.call('ZADD', KEYS[2], 'XX', ARGV[4], ARGV[5])
  return 1`;

/** Takes a record whose time is still over: it may have been extended since it was found. */
const TAKE_EXPIRED = `
  local text = redis.call('GET', KEYS[1])
  if text and cjson.decode(text).expiresAt > tonumber(ARGV[2]) then return nil end
  redis.call('ZREM', KEYS[2], ARGV[1])
  redis.call('DEL', KEYS[1])
  return text`;

/**
 * Consoles in Redis: one JSON value each, which expires with the console, and one sorted set of all
 * ids by what is due next. Every method throws `redis_unavailable` when Redis does not answer.
 */
export class ConsoleStore {
  readonly #redis: Redis;

  constructor(redis: Redis) {
    this.#redis = redis;
  }

  async create(record: ConsoleRecord): Promise<void> {
    await this.#redis.run((client) =>
      client
        .multi()
        .set(PREFIX + record.id, JSON.stringify(record), {
          expiration: { type: 'PXAT', value: record.expiresAt + SAFETY_MS },
        })
        .zAdd(INDEX, { score: dueAt(record), value: record.id })
        .exec(),
    );
  }

  /** @throws GatewayError `console_not_found` */
  async get(id: string): Promise<ConsoleRecord> {
    return (await this.#read(id)).record;
  }

  /** Applies a pure change and keeps it, however many others write at the same time. */
  async update(id: string, apply: (record: ConsoleRecord) => ConsoleRecord): Promise<Updated> {
    for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
      const { text, record } = await this.#read(id);
      const after = apply(record);
      if (after === record) return { before: record, after };
      const written = await this.#redis.run((client) =>
        client.eval(COMPARE_AND_SET, {
          keys: [PREFIX + id, INDEX],
          arguments: [
            text,
            JSON.stringify(after),
            String(after.expiresAt + SAFETY_MS),
            String(dueAt(after)),
            id,
          ],
        }),
      );
      if (written === 1) return { before: record, after };
    }
    throw new GatewayError('redis_unavailable', `console ${id} changes too fast to be written`);
  }

  /** Open consoles in the order of their deadlines; `after` is the last id of the page before. */
  async listOpen(): Promise<ConsoleRecord[]> {
    const ids = await this.#redis.run((client) => client.zRange(INDEX, 0, -1));
    if (ids.length === 0) return [];
    const texts = await this.#redis.run((client) => client.mGet(ids.map((id) => PREFIX + id)));
    return texts
      .flatMap((text) => (text === null ? [] : [JSON.parse(text) as ConsoleRecord]))
      .filter((record) => record.state !== 'closed');
  }

  /** Ids of consoles that are due for something; see dueAt. */
  async due(now: number): Promise<string[]> {
    return this.#redis.run((client) => client.zRangeByScore(INDEX, '-inf', now));
  }

  /**
   * Takes a console out of Redis if its time is over. It is handed out once, to one replica.
   *
   * @returns the record as it last was; undefined when it is not over, or somebody has taken it.
   */
  async takeExpired(id: string, now: number): Promise<ConsoleRecord | undefined> {
    const text = await this.#redis.run((client) =>
      client.eval(TAKE_EXPIRED, {
        keys: [PREFIX + id, INDEX],
        arguments: [id, String(now)],
      }),
    );
    return typeof text === 'string' ? (JSON.parse(text) as ConsoleRecord) : undefined;
  }

  async #read(id: string): Promise<{ text: string; record: ConsoleRecord }> {
    const text = await this.#redis.run((client) => client.get(PREFIX + id));
    if (text === null) {
      throw new GatewayError('console_not_found', 'there is no such console, or its time is over');
    }
    return { text, record: JSON.parse(text) as ConsoleRecord };
  }
}
