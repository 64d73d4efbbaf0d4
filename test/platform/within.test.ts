import assert from 'node:assert/strict';
import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, it } from 'mocha';
import { within } from '../../server/platform/within.ts';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

describe('a signal with a time limit', () => {
  it('aborts when its time is over, though garbage was collected', async () => {
    const { signal } = new AbortController();
    const waits = Array.from({ length: 10 }, async () => {
      // Longer than the test may take, and held by nothing but its timer.
      await pause(30_000, undefined, { signal: within(100, signal) });
    });
    // What is made in this turn is held by its stack.
    await pause(10);
    collectGarbage();
    for (const wait of waits) {
      await assert.rejects(wait, ({ name, cause }: Error) => {
        assert.equal((cause as Error).name, 'TimeoutError');
        return name === 'AbortError';
      });
    }
  });

  it('aborts with the given one, for its reason', async () => {
    const outer = new AbortController();
    const limited = within(30_000, outer.signal);
    const aborted = once(limited, 'abort');
    outer.abort('enough');
    await aborted;
    assert.equal(limited.reason, 'enough');
    assert.equal(within(30_000, outer.signal).reason, 'enough');
  });
});
