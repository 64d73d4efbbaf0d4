import { randomUUID } from 'node:crypto';
import { createClient } from '@node-redis/client';

export interface RedisHealth {
  readonly version: string;
  /** What Redis does when its memory is full; null where it does not tell. */
  readonly evictionPolicy: string | null;
  /** Whether it keeps what was written over a restart (append-only file); null where it does not tell. */
  readonly appendOnly: boolean | null;
}

const LIMIT_MS = 4000;

/**
 * Does with a Redis once what the gateway does with it all the time: connects, writes, runs a
 * script, publishes.
 *
 * @throws Error in Redis's or the system's own words, with none of the URL's secrets.
 */
export async function examineRedis(
  target: { url: string } | { socketPath: string },
): Promise<RedisHealth> {
  const socket = { connectTimeout: LIMIT_MS, reconnectStrategy: false } as const;
  const client = createClient({
    ...('url' in target
      ? { url: target.url, socket }
      : { socket: { ...socket, path: target.socketPath, tls: false } }),
    disableOfflineQueue: true,
  });
  // Each failure is the command's own.
  client.on('error', () => undefined);
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer in ${LIMIT_MS / 1000} s`)), LIMIT_MS);
  });
  const examine = async (): Promise<RedisHealth> => {
    await client.connect();
    const key = `rackside:doctor:${randomUUID()}`;
    await client.set(key, 'doctor', { expiration: { type: 'EX', value: 10 } });
    await client.eval("return redis.call('GETDEL', KEYS[1])", { keys: [key] });
    await client.publish(key, '');
    // Not every account may ask.
    const info = await client.info().catch(() => '');
    return healthOf(info);
  };
  try {
    return await Promise.race([examine(), late]);
  } finally {
    clearTimeout(timer);
    if (client.isOpen) client.destroy();
  }
}

/** The answer of INFO: lines `name:value` (Redis documentation, "INFO"). */
function healthOf(info: string): RedisHealth {
  const value = (name: string) => new RegExp(`^${name}:(.*?)\\r?$`, 'm').exec(info)?.[1] ?? null;
  const aof = value('aof_enabled');
  return {
    version: value('redis_version') ?? 'unknown',
    evictionPolicy: value('maxmemory_policy'),
    appendOnly: aof === null ? null : aof === '1',
  };
}
