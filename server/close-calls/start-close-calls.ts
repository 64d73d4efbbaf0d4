import type { Config } from '../config.ts';
import type { EffectsOf } from '../consoles/console-store.ts';
import type { Logger } from '../log.ts';
import type { Disposer } from '../platform/disposer.ts';
import type { Redis } from '../platform/redis.ts';
import { repeat } from '../platform/repeat.ts';
import { closeCallOf } from './close-call.ts';
import { CloseCallQueue } from './close-call-queue.ts';
import { CloseCalls } from './close-calls.ts';
import { CloseUrls } from './close-urls.ts';

const POLL_MS = 500;

/** Begins to make the calls that closed consoles have left, where the configuration wants them. */
export function startCloseCalls(
  config: Config['closeUrls'],
  parts: { redis: Redis; log: Logger; now: () => number; started: Disposer },
): { closeUrls: CloseUrls; effectsOf: EffectsOf } {
  const { redis, log, now, started } = parts;
  const closeUrls = new CloseUrls(config);
  if (config) {
    const queue = new CloseCallQueue(redis);
    const calls = new CloseCalls({ ...config, queue, urls: closeUrls, log, now });
    started.defer('close calls', () => calls.stop());
    started.defer(
      'close calls due',
      repeat(POLL_MS, () => calls.poll()),
    );
  }
  const effectsOf: EffectsOf = (updated) => {
    const call = closeCallOf(updated, now());
    return call ? CloseCallQueue.effectsOf(call) : [];
  };
  return { closeUrls, effectsOf };
}
