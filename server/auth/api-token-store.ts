import type { Redis } from '../platform/redis.ts';
import type { ApiToken } from './api-token.ts';

const TOKEN = 'rackside:api-token:';
const USED = 'rackside:api-token-used:';
/** Ids by the moment of their end, `+inf` for those without one. */
const ALL = 'rackside:api-tokens';
const OF_OWNER = 'rackside:api-tokens-of:';

/** Keeps a token unless its owner has so many already. */
const CREATE = `
  redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', ARGV[4])
  redis.call('ZREMRANGEBYSCORE', KEYS[3], '-inf', ARGV[4])
  if redis.call('ZCARD', KEYS[2]) >= tonumber(ARGV[5]) then return 0 end
  redis.call('SET', KEYS[1], ARGV[2])
  if ARGV[3] ~= '+inf' then redis.call('PEXPIREAT', KEYS[1], ARGV[3]) end
  redis.call('ZADD', KEYS[2], ARGV[3], ARGV[1])
  redis.call('ZADD', KEYS[3], ARGV[3], ARGV[1])
  return 1`;

/** It may have been revoked meanwhile. */
const MARK_USED = `
  if redis.call('EXISTS', KEYS[1]) == 0 then return 0 end
  redis.call('SET', KEYS[2], ARGV[1])
  if ARGV[2] ~= '' then redis.call('PEXPIREAT', KEYS[2], ARGV[2]) end
  return 1`;

/** API tokens in Redis. Every method throws `redis_unavailable` when Redis does not answer. */
export class ApiTokenStore {
  readonly #redis: Redis;

  constructor(redis: Redis) {
    this.#redis = redis;
  }

  /** False when the owner has `limit` of them. */
  async create(token: ApiToken, limit: number, now: number): Promise<boolean> {
    const end = token.expiresAt === null ? '+inf' : String(token.expiresAt);
    const created = await this.#redis.run((client) =>
      client.eval(CREATE, {
        keys: [TOKEN + token.id, OF_OWNER + token.owner, ALL],
        arguments: [token.id, JSON.stringify(token), end, String(now), String(limit)],
      }),
    );
    return created === 1;
  }

  async find(id: string): Promise<ApiToken | undefined> {
    const text = await this.#redis.run((client) => client.get(TOKEN + id));
    return text === null ? undefined : (JSON.parse(text) as ApiToken);
  }

  /** All of them, or one owner's, each with the moment of its last use. */
  async list(owner: string | null): Promise<{ token: ApiToken; usedAt: number | null }[]> {
    const key = owner === null ? ALL : OF_OWNER + owner;
    const ids = await this.#redis.run((client) => client.zRange(key, 0, -1));
    if (ids.length === 0) return [];
    const keys = ids.flatMap((id) => [TOKEN + id, USED + id]);
    const texts = await this.#redis.run((client) => client.mGet(keys));
    return ids.flatMap((_, index) => {
      const text = texts[2 * index] ?? null;
      const used = texts[2 * index + 1] ?? null;
      if (text === null) return [];
      return [{ token: JSON.parse(text) as ApiToken, usedAt: used === null ? null : Number(used) }];
    });
  }

  /** The note does not outlive the token. */
  async markUsed({ id, expiresAt }: ApiToken, at: number): Promise<void> {
    const end = expiresAt === null ? '' : String(expiresAt);
    await this.#redis.run((client) =>
      client.eval(MARK_USED, { keys: [TOKEN + id, USED + id], arguments: [String(at), end] }),
    );
  }

  async remove({ id, owner }: ApiToken): Promise<void> {
    await this.#redis.run((client) =>
      client
        .multi()
        .del([TOKEN + id, USED + id])
        .zRem(OF_OWNER + owner, id)
        .zRem(ALL, id)
        .exec(),
    );
  }
}
