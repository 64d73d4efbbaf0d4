import { randomBytes } from 'node:crypto';
import type { Redis } from './redis.ts';

/** A replica that stands still holds others up for so long. ms */
const LEASE_MS = 15_000;
const RENEW_MS = 5000;

const RENEW = `
  if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('PEXPIRE', KEYS[1], ARGV[2]) end
  return 0`;
const RELEASE = `
  if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end
  return 0`;

/** Gives back what was leased. Never rejects. */
export type GiveBack = () => Promise<void>;

/**
 * What only one of all replicas may have at a time, for as long as it needs.
 *
 * @returns how to give it back; undefined while somebody else has it.
 * @throws GatewayError `redis_unavailable`
 */
export async function takeLease(redis: Redis, key: string): Promise<GiveBack | undefined> {
  const mine = randomBytes(9).toString('base64url');
  const taken = await redis.run((client) =>
    client.set(key, mine, { condition: 'NX', expiration: { type: 'PX', value: LEASE_MS } }),
  );
  if (taken === null) return undefined;
  const change = (script: string): Promise<unknown> =>
    redis
      .run((client) => client.eval(script, { keys: [key], arguments: [mine, String(LEASE_MS)] }))
      .catch(() => undefined);
  const renewal = setInterval(() => void change(RENEW), RENEW_MS);
  return async () => {
    clearInterval(renewal);
    await change(RELEASE);
  };
}
