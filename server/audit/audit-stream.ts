import { randomUUID } from 'node:crypto';
import type { AuditList, AuditQuery, AuditRecord } from '../contract/index.ts';
import type { Redis } from '../platform/redis.ts';
import { matcher } from './audit-filter.ts';
import type { AuditNote } from './audit.ts';
import type { DatedEntry } from './dated-entry.ts';

export const STREAM = 'rackside:audit';
const FIELD = 'entry';

/**
 * Appends what this writer has not appended yet, so that a batch whose answer was lost can be sent
 * again. Entries come with the writer's own numbers, in order.
 */
const APPEND_ONCE = `
  local last = tonumber(redis.call('GET', KEYS[2]) or '0')
  local ids = {}
  for i = 2, #ARGV, 2 do
    local number = tonumber(ARGV[i])
    if number > last then
      last = number
      ids[#ids + 1] =
        redis.call('XADD', KEYS[1], 'MAXLEN', '~', ARGV[1], '*', '${FIELD}', ARGV[i + 1])
    else
      ids[#ids + 1] = ''
    end
  end
  redis.call('SET', KEYS[2], last, 'EX', 86400)
  return ids`;

/** Entries read at once, and looked at for one page: what a filter costs has an end. */
const CHUNK = 1000;
const MOST_SCANNED = 20_000;
/** Ids are of Redis's clock, `at` of a replica's. Milliseconds by which they may differ. */
const CLOCKS_DIFFER = 60_000;

/** An entry that waits to be appended, with its number among those of this process. */
export interface NumberedEntry {
  readonly number: number;
  readonly entry: DatedEntry;
}

/** The audit trail in Redis: one stream of so many entries, the oldest of which are forgotten. */
export class AuditStream {
  readonly #redis: Redis;
  readonly #keep: string;
  readonly #writer = `${STREAM}:writer:${randomUUID()}`;

  constructor(redis: Redis, keep: number) {
    this.#redis = redis;
    this.#keep = String(keep);
  }

  /** The command that appends an entry; its reply is the entry's id. */
  effect(entry: DatedEntry): AuditNote['effect'] {
    return ['XADD', STREAM, 'MAXLEN', '~', this.#keep, '*', FIELD, JSON.stringify(entry)];
  }

  /**
   * @returns the ids; an empty one for an entry that an earlier call had appended already.
   * @throws GatewayError `redis_unavailable`: then nobody knows, and it is to be called again.
   */
  async append(batch: readonly NumberedEntry[]): Promise<string[]> {
    const entries = batch.flatMap(({ number, entry }) => [String(number), JSON.stringify(entry)]);
    const ids = await this.#redis.run((client) =>
      client.eval(APPEND_ONCE, {
        keys: [STREAM, this.#writer],
        arguments: [this.#keep, ...entries],
      }),
    );
    return ids as string[];
  }

  /**
   * A page of what matches, newest first. Where a filter finds little a page may be short, even
   * empty, and `next` goes on with the search.
   *
   * @throws GatewayError `redis_unavailable`
   */
  async page(query: AuditQuery): Promise<AuditList> {
    const matches = matcher(query);
    const oldest = query.since === undefined ? '-' : idBefore(Date.parse(query.since));
    const found: AuditRecord[] = [];
    let after = query.cursor;
    for (let scanned = 0; scanned < MOST_SCANNED; scanned += CHUNK) {
      const chunk = await this.#before(after, oldest);
      for (const record of chunk) {
        if (!matches(record)) continue;
        if (found.length === query.limit) return { items: found, next: found.at(-1)?.id ?? null };
        found.push(record);
      }
      if (chunk.length < CHUNK) return { items: found, next: null };
      after = chunk.at(-1)?.id;
    }
    return { items: found, next: after ?? null };
  }

  async #before(id: string | undefined, oldest: string): Promise<AuditRecord[]> {
    const newest = id === undefined ? '+' : `(${id}`;
    const entries = await this.#redis.run((client) =>
      client.xRevRange(STREAM, newest, oldest, { COUNT: CHUNK }),
    );
    return (entries ?? []).map(({ id: own, message }) => {
      const entry = JSON.parse(message[FIELD] ?? '{}') as DatedEntry;
      return { id: own, ...entry };
    });
  }
}

/** Entries that had to wait for Redis have a later id than their time, never an earlier one. */
function idBefore(time: number): string {
  return String(Math.max(0, time - CLOCKS_DIFFER));
}
