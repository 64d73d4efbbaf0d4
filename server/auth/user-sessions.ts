import { z } from 'zod';
import { randomId } from '../platform/random-id.ts';
import type { Redis } from '../platform/redis.ts';
import { SESSION_PREFIX, SESSION_TTL_MS } from './session-lifetime.ts';

/** One sign-in. Times in milliseconds since the epoch. */
const userSession = z.object({
  id: z.string(),
  /** The session's own id, by which its browser's cookie finds it. Never told. */
  sid: z.string(),
  createdAt: z.number(),
  seenAt: z.number(),
  endsAt: z.number(),
  address: z.string(),
  agent: z.string(),
});
export type UserSession = z.infer<typeof userSession>;

/** A sign-in's last use is written down no more often. */
const SEEN_MS = 60_000;

/** What is gone must not come back because it was used at the same moment. */
const SEEN = `
  local found = redis.call('HGET', KEYS[1], ARGV[1])
  if not found then return 0 end
  local entry = cjson.decode(found)
  local now = tonumber(ARGV[2])
  if entry.endsAt <= now then return 0 end
  if now - entry.seenAt >= tonumber(ARGV[4]) or entry.address ~= ARGV[3] then
    entry.seenAt = now
    entry.address = ARGV[3]
    redis.call('HSET', KEYS[1], ARGV[1], cjson.encode(entry))
  end
  return 1`;

/**
 * Every user's sign-ins, in Redis: a session that is not in here is nobody's, whatever its browser
 * brings, and so one that was ended is gone on every replica with the next request.
 */
export class UserSessions {
  readonly #redis: Redis;

  constructor(redis: Redis) {
    this.#redis = redis;
  }

  /** Writes a sign-in down and gives back the name by which its user knows it. */
  async add(
    user: string,
    session: { sid: string; address: string; agent: string },
    now: number,
  ): Promise<string> {
    const id = randomId(12);
    const endsAt = now + SESSION_TTL_MS;
    const entry: UserSession = { ...session, id, createdAt: now, seenAt: now, endsAt };
    const write = { [id]: JSON.stringify(entry) };
    await this.#redis.run((client) =>
      client.multi().hSet(keyOf(user), write).pExpireAt(keyOf(user), endsAt).exec(),
    );
    return id;
  }

  /** Whether this sign-in still stands; if so, it was seen now. */
  async seen(user: string, id: string, address: string, now: number): Promise<boolean> {
    const options = { keys: [keyOf(user)], arguments: [id, String(now), address, String(SEEN_MS)] };
    return (await this.#redis.run((client) => client.eval(SEEN, options))) === 1;
  }

  /** Those that still stand, the newest first. */
  async list(user: string, now: number): Promise<UserSession[]> {
    const entries = await this.#redis.run((client) => client.hVals(keyOf(user)));
    return entries
      .map((text) => userSession.parse(JSON.parse(text)))
      .filter(({ endsAt }) => endsAt > now)
      .toSorted((one, other) => other.createdAt - one.createdAt);
  }

  /** False where there is no such sign-in. */
  async end(user: string, id: string, now: number): Promise<boolean> {
    const found = (await this.list(user, now)).filter((entry) => entry.id === id);
    return this.#remove(user, found);
  }

  /** Ends all sign-ins but the one that is to stay, and tells which those were. */
  async endOthers(user: string, stays: string | undefined, now: number): Promise<string[]> {
    const found = (await this.list(user, now)).filter(({ id }) => id !== stays);
    await this.#remove(user, found);
    return found.map(({ id }) => id);
  }

  async #remove(user: string, entries: readonly UserSession[]): Promise<boolean> {
    if (entries.length === 0) return false;
    const ids = entries.map(({ id }) => id);
    const keys = entries.map(({ sid }) => SESSION_PREFIX + sid);
    const [removed] = await this.#redis.run((client) =>
      client.multi().hDel(keyOf(user), ids).del(keys).exec(),
    );
    return Number(removed) > 0;
  }
}

function keyOf(user: string): string {
  return `rackside:sessions:${user}`;
}
