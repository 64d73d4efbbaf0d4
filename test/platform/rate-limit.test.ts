import assert from 'node:assert/strict';
import { SharedRateLimit } from '../../server/platform/rate-limit.ts';
import { cleanUp } from '../support/dispose.ts';
import { connectRedis, startRedis } from '../support/redis.ts';

const rate = { burst: 3, perSecond: 20 };
/** One call, ms. */
const EACH_MS = 1000 / rate.perSecond;

describe("a remote's limit on calls", () => {
  const parts = cleanUp();
  const replicas: SharedRateLimit[] = [];

  before(async () => {
    const { url } = await parts.start(startRedis());
    for (let count = 0; count < 2; count += 1) {
      replicas.push(new SharedRateLimit(await parts.start(connectRedis(url))));
    }
  });

  /** Calls of all replicas in turn, all at once; resolves to when each was let through, ms. */
  async function times(account: string, count: number): Promise<number[]> {
    const start = performance.now();
    const calls = Array.from({ length: count }, async (_, index) => {
      await replicas[index % replicas.length]?.take(account, rate, { most: 5000 });
      return performance.now() - start;
    });
    return (await Promise.all(calls)).toSorted((a, b) => a - b);
  }

  it('is never exceeded by all replicas together', async () => {
    const at = await times('together', 13);
    for (const [index, time] of at.entries()) {
      const due = (index - rate.burst + 1) * EACH_MS;
      assert.ok(time >= due - 5, `call ${index} came after ${time} ms, before ${due} ms`);
    }
  });

  it('says how long somebody waits, and lets them give up', async () => {
    await times('waits', rate.burst);
    const [limit] = replicas;
    const told: number[] = [];
    await limit?.take('waits', rate, { most: 1000, onWait: (wait) => told.push(wait) });
    assert.equal(told.length, 1);
    assert.ok((told[0] ?? 0) > 0 && (told[0] ?? 0) <= EACH_MS);
    const abort = new AbortController();
    const onWait = (): void => abort.abort();
    await assert.rejects(
      limit?.take('waits', rate, { most: 1000, signal: abort.signal, onWait }) ?? assert.fail(),
      { name: 'AbortError' },
    );
  });

  it('refuses who would wait too long, without keeping others waiting', async () => {
    await times('long', rate.burst);
    const [limit] = replicas;
    for (let count = 0; count < 20; count += 1) {
      await assert.rejects(limit?.take('long', rate, { most: 0 }) ?? assert.fail(), {
        status: 'provider_unavailable',
      });
    }
    const start = performance.now();
    await limit?.take('long', rate, { most: 1000 });
    assert.ok(performance.now() - start < 5 * EACH_MS);
  });

  it('believes the remote that fewer calls are left, and not that more are', async () => {
    const [limit] = replicas;
    await limit?.atMost('told', rate, 0);
    const waits: number[] = [];
    const wait = { most: 1000, onWait: (ms: number) => waits.push(ms) };
    await limit?.take('told', rate, wait);
    await limit?.atMost('told', rate, 100);
    await limit?.take('told', rate, wait);
    assert.equal(waits.length, 2);
  });

  it('makes one call until the remote has told how many are left', async () => {
    const [limit, other] = replicas;
    assert.ok(limit && other);
    const told = { ...rate, told: true } as const;
    await limit.take('new', told, { most: 0 });
    await assert.rejects(other.take('new', told, { most: 50 }), { status: 'provider_unavailable' });
    await limit.atMost('new', told, null);
    // That one was not answered: the next asks.
    await other.take('new', told, { most: 50 });
    await other.atMost('new', told, 2);
    await limit.take('new', told, { most: 0 });
    await other.take('new', told, { most: 0 });
    await assert.rejects(limit.take('new', told, { most: 0 }), { status: 'provider_unavailable' });
  });

  it('knows that the remote has not yet seen the calls that have no answer', async () => {
    const [limit] = replicas;
    assert.ok(limit);
    const slow = { burst: 100, perSecond: 0.001, told: true } as const;
    const take = () => limit.take('unseen', slow, { most: 0 });
    await take();
    await limit.atMost('unseen', slow, 100);
    await Promise.all([take(), take(), take()]);
    // Somebody else has used nearly all of it up; two of ours are still on their way.
    await limit.atMost('unseen', slow, 3);
    await take();
    await assert.rejects(take(), { status: 'provider_unavailable' });
    // All have an answer: what the remote said last is what there is.
    for (const left of [2, 1, 1]) await limit.atMost('unseen', slow, left);
    await take();
    await assert.rejects(take(), { status: 'provider_unavailable' });
  });
});
