import { setTimeout } from 'node:timers/promises';
import { GatewayError } from '../errors.ts';
import type { Redis } from '../platform/redis.ts';
import { enlist, openKey, openedByKey, strike } from './console-index.ts';
import { type ConsoleRecord, dueAt } from './console.ts';
import type { Effect } from './effect.ts';

/** What a change of a record did, so that the caller can tell others. */
export interface Updated {
  readonly before: ConsoleRecord;
  readonly after: ConsoleRecord;
}

/** With Redis's replies to the effects, in their order; none where nothing was changed. */
export interface Written extends Updated {
  readonly replies: readonly unknown[];
}

/** What is to happen in Redis in the same moment as a change. */
export type EffectsOf = (updated: Updated) => readonly Effect[];

/** A record as it is in Redis. */
interface Read {
  readonly text: string;
  readonly record: ConsoleRecord;
}

const PREFIX = 'rackside:console:';
const INDEX = 'rackside:consoles';
/**
 * The sweep takes a record at its deadline; Redis drops it by itself this much later, when no
 * gateway has run for so long. Until then its end can still be told to whoever waits for it.
 */
const SAFETY_MS = 7 * 86_400_000;
/** For which one whose time is over can be looked at: whoever comes by its link hears what it is. */
const REMEMBERED_MS = 900_000;
const ATTEMPTS = 16;
const SPREAD_MS = 4;
/** Records that are read at once. */
const BATCH = 100;
/** Of so many consoles it is remembered how they were last. */
const REMEMBERED = 256;

const RUN_EFFECTS = `
  local replies = {}
  for at, command in ipairs(cjson.decode(ARGV[#ARGV])) do
    replies[at] = redis.call(unpack(command))
  end
  return replies`;

/** Keeps a new record, unless whoever opens it has so many open already; 0 is no limit. */
const CREATE = `
  redis.call('ZREMRANGEBYSCORE', KEYS[3], '-inf', ARGV[1])
  local most = tonumber(ARGV[2])
  if most > 0 and redis.call('ZCARD', KEYS[3]) >= most then return 0 end
  redis.call('SET', KEYS[1], ARGV[3], 'PXAT', ARGV[4])
  redis.call('ZADD', KEYS[2], ARGV[5], ARGV[6])
  ${RUN_EFFECTS}`;

/** Writes the record only where it is still what was read, so that no change is lost. */
const COMPARE_AND_SET = `
  if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
  redis.call('SET', KEYS[1], ARGV[2], 'PXAT', ARGV[3])
  redis.call('ZADD', KEYS[2], 'XX', ARGV[4], ARGV[5])
  ${RUN_EFFECTS}`;

/** Takes a console out of the lists where it is still what was read: one replica gets it. */
const COMPARE_AND_TAKE = `
  if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
  redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
  redis.call('ZREM', KEYS[2], ARGV[4])
  ${RUN_EFFECTS}`;

/**
 * Consoles in Redis: one JSON value each, which expires with the console, and one sorted set of all
 * ids by what is due next; those that are open are listed in console-index.ts. Every method throws `redis_unavailable` when Redis does not answer.
 */
export class ConsoleStore {
  readonly #redis: Redis;
  /**
   * How consoles were when they were last read or written here, the latest at the end. A change is tried on
   * that first: it is written only where it is still so.
   */
  readonly #remembered = new Map<string, Read>();

  constructor(redis: Redis) {
    this.#redis = redis;
  }

  /**
   * @param most how many whoever opens it may have open, with this one; 0 is any number.
   * @returns Redis's replies to the effects.
   * @throws GatewayError `console_limit`
   */
  async create(
    record: ConsoleRecord,
    { effects = [], most = 0 }: { effects?: readonly Effect[]; most?: number } = {},
  ): Promise<readonly unknown[]> {
    const replies = await this.#redis.run((client) =>
      client.eval(CREATE, {
        keys: [PREFIX + record.id, INDEX, openedByKey(record)],
        arguments: [
          String(record.createdAt),
          String(most),
          JSON.stringify(record),
          String(record.expiresAt + SAFETY_MS),
          String(dueAt(record)),
          record.id,
          JSON.stringify([...effects, ...enlist(record)]),
        ],
      }),
    );
    if (Array.isArray(replies)) return replies;
    const message = `${record.openedBy} has ${most} consoles open, and may have no more`;
    throw new GatewayError('console_limit', message);
  }

  /** @throws GatewayError `console_not_found` */
  async get(id: string): Promise<ConsoleRecord> {
    return (await this.#read(id)).record;
  }

  /** Applies a pure change and keeps it, however many others write at the same time. */
  async update(
    id: string,
    apply: (record: ConsoleRecord) => ConsoleRecord,
    effectsOf: EffectsOf = () => [],
  ): Promise<Written> {
    const remembered = this.#remembered.get(id);
    const tried = remembered && tryOn(remembered.record, apply);
    if (tried && tried !== remembered.record) {
      const written = await this.#compareAndSet(remembered, tried, effectsOf);
      if (written) return written;
    }
    for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
      const read = await this.#read(id);
      const after = revised(read.record, apply);
      if (after === read.record) return { before: read.record, after, replies: [] };
      const written = await this.#compareAndSet(read, after, effectsOf);
      if (written) return written;
      // Many at once would lose to each other again and again in the same rhythm.
      await setTimeout(Math.random() * attempt * SPREAD_MS);
    }
    throw new GatewayError('redis_unavailable', `console ${id} changes too fast to be written`);
  }

  /**
   * Open consoles, the oldest first.
   *
   * @param name only those that were opened for them, or on a machine of theirs.
   * @param from the age to begin with. Milliseconds since the epoch.
   */
  async *open({ name, from = 0 }: { name?: string | undefined; from?: number } = {}) {
    const key = openKey(name);
    const range = { BY: 'SCORE' } as const;
    const ids = await this.#redis.run((client) => client.zRange(key, from, '+inf', range));
    yield* this.#openOf(key, ids);
  }

  /** Those that somebody has opened, for themselves or for others. */
  async *openedBy(name: string) {
    const key = openedByKey({ openedBy: name });
    yield* this.#openOf(key, await this.#redis.run((client) => client.zRange(key, 0, -1)));
  }

  /** Those of a set's that are open; what is lost leaves the set. */
  async *#openOf(key: string, ids: readonly string[]) {
    for (let at = 0; at < ids.length; at += BATCH) {
      const batch = ids.slice(at, at + BATCH);
      const texts = await this.#redis.run((client) => client.mGet(batch.map((id) => PREFIX + id)));
      const lost = batch.filter((_, index) => texts[index] === null);
      if (lost.length > 0) await this.#redis.run((client) => client.zRem(key, lost));
      for (const text of texts) {
        const record = text === null ? undefined : (JSON.parse(text) as ConsoleRecord);
        if (record && record.state !== 'closed') yield record;
      }
    }
  }

  /** Ids of consoles that are due for something; see dueAt. */
  async due(now: number): Promise<string[]> {
    return this.#redis.run((client) => client.zRangeByScore(INDEX, '-inf', now));
  }

  /**
   * Takes a console out of the lists if its time is over; it can be looked at for a while yet. It is
   * handed out once, to one replica.
   *
   * @returns what `apply` made of it; undefined when it is not over, or somebody has taken or
   * changed it.
   */
  async takeExpired(
    id: string,
    now: number,
    apply: (record: ConsoleRecord) => ConsoleRecord,
    effectsOf: EffectsOf = () => [],
  ): Promise<Written | undefined> {
    const text = await this.#redis.run((client) => client.get(PREFIX + id));
    if (text === null) {
      await this.#redis.run((client) => client.zRem(INDEX, id));
      return undefined;
    }
    const before = JSON.parse(text) as ConsoleRecord;
    if (before.expiresAt > now) return undefined;
    const after = revised(before, apply);
    const replies = await this.#redis.run((client) =>
      client.eval(COMPARE_AND_TAKE, {
        keys: [PREFIX + id, INDEX],
        arguments: [
          text,
          JSON.stringify(after),
          String(REMEMBERED_MS),
          id,
          JSON.stringify([...effectsOf({ before, after }), ...strike(after)]),
        ],
      }),
    );
    return Array.isArray(replies) ? { before, after, replies } : undefined;
  }

  /** Undefined where somebody has changed it since it was read. */
  async #compareAndSet(
    { text, record: before }: Read,
    after: ConsoleRecord,
    effectsOf: EffectsOf,
  ): Promise<Written | undefined> {
    const { id } = after;
    const next = { text: JSON.stringify(after), record: after };
    const effects = [
      ...effectsOf({ before, after }),
      ...(after.state === 'closed' ? strike(after) : []),
    ];
    const replies = await this.#redis.run((client) =>
      client.eval(COMPARE_AND_SET, {
        keys: [PREFIX + id, INDEX],
        arguments: [
          text,
          next.text,
          String(after.expiresAt + SAFETY_MS),
          String(dueAt(after)),
          id,
          JSON.stringify(effects),
        ],
      }),
    );
    if (!Array.isArray(replies)) return undefined;
    this.#remember(next);
    return { before, after, replies };
  }

  async #read(id: string): Promise<Read> {
    const text = await this.#redis.run((client) => client.get(PREFIX + id));
    if (text === null) {
      this.#remembered.delete(id);
      throw new GatewayError('console_not_found', 'there is no such console, or its time is over');
    }
    const read = { text, record: JSON.parse(text) as ConsoleRecord };
    this.#remember(read);
    return read;
  }

  #remember(read: Read): void {
    const { id } = read.record;
    this.#remembered.delete(id);
    // What is closed hardly changes, and is kept here no longer than it serves.
    if (read.record.state === 'closed') return;
    this.#remembered.set(id, read);
    if (this.#remembered.size <= REMEMBERED) return;
    const [oldest] = this.#remembered.keys();
    this.#remembered.delete(oldest as string);
  }
}

/** What comes of it where it is still so; null where the change cannot be made. */
function tryOn(
  record: ConsoleRecord,
  apply: (record: ConsoleRecord) => ConsoleRecord,
): ConsoleRecord | null {
  try {
    return revised(record, apply);
  } catch {
    return null;
  }
}

function revised(
  before: ConsoleRecord,
  apply: (record: ConsoleRecord) => ConsoleRecord,
): ConsoleRecord {
  const after = apply(before);
  return after === before ? before : { ...after, revision: before.revision + 1 };
}
