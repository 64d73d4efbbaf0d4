import type { Config } from '../config.ts';
import { createLogger } from '../log.ts';
import { targetOf } from '../platform/own-parts.ts';
import { SharedRateLimit } from '../platform/rate-limit.ts';
import { Redis } from '../platform/redis.ts';
import type { RateLimit } from '../providers/provider-context.ts';

const REDIS_WAIT_MS = 3000;

/** Calls of remotes by the limits that the gateways share, where there is a Redis that answers. */
export async function withRateLimit<T>(
  configured: Config['redis'],
  work: (rateLimit: RateLimit) => Promise<T>,
): Promise<T> {
  if (!configured) return work(UNSHARED);
  const redis = new Redis(targetOf(configured.url.reveal()), createLogger('silent'));
  redis.start();
  try {
    await redis.settled(REDIS_WAIT_MS);
    return await work(redis.ready ? new SharedRateLimit(redis) : UNSHARED);
  } finally {
    await redis.stop();
  }
}

/** A gateway with a Redis of its own learns of these calls by what the remote says is left. */
const UNSHARED: RateLimit = { take: async () => undefined, atMost: async () => undefined };
