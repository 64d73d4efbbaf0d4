import { createClient } from '@node-redis/client';

/** One key of Redis with everything in it, as text. */
export interface RedisEntry {
  readonly key: string;
  readonly text: string;
  /** Seconds; -1 for a key that stays. */
  readonly ttl: number;
}

/** All that a Redis holds, whatever its type. */
export async function redisContent(url: string): Promise<RedisEntry[]> {
  const client = newClient(url);
  client.on('error', () => undefined);
  await client.connect();
  try {
    const entries: RedisEntry[] = [];
    for await (const keys of client.scanIterator({ COUNT: 1000 })) {
      for (const key of keys) {
        const content = await contentOf(client, key);
        entries.push({ key, text: JSON.stringify(content), ttl: await client.ttl(key) });
      }
    }
    return entries;
  } finally {
    client.destroy();
  }
}

type Client = ReturnType<typeof newClient>;

function newClient(url: string) {
  return createClient({ url });
}

async function contentOf(client: Client, key: string): Promise<unknown> {
  const type = await client.type(key);
  switch (type) {
    case 'string':
      return client.get(key);
    case 'hash':
      return client.hGetAll(key);
    case 'list':
      return client.lRange(key, 0, -1);
    case 'set':
      return client.sMembers(key);
    case 'zset':
      return client.zRangeWithScores(key, 0, -1);
    case 'stream':
      return client.xRange(key, '-', '+');
    case 'none':
      return null;
    default:
      throw new Error(`${key} is a ${type}, which this test cannot read`);
  }
}
