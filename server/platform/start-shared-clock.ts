import type { Logger } from '../log.ts';
import type { Disposer } from './disposer.ts';
import type { Redis } from './redis.ts';
import { SharedClock } from './shared-clock.ts';

/** The clock of this Redis, measured already where Redis is there. */
export async function startSharedClock(
  redis: Redis,
  log: Logger,
  started: Disposer,
): Promise<SharedClock> {
  const clock = new SharedClock({
    readTime: async () => {
      // Seconds, and microseconds of the second (Redis documentation, "TIME").
      const [seconds, micros] = await redis.run((client) =>
        client.sendCommand<[string, string]>(['TIME']),
      );
      return Number(seconds) * 1000 + Number(micros) / 1000;
    },
    onWrong: (aheadMs) =>
      log.warn({ aheadMs }, "this machine's clock differs from Redis's, which all replicas go by"),
    local: Date.now,
    monotonic: () => performance.now(),
  });
  await clock.measure();
  redis.onResubscribed(() => void clock.measure());
  started.defer('clock', clock.start());
  return clock;
}
