import assert from 'node:assert/strict';
import type { GatewayError } from '../../server/errors.ts';
import { cleanUp } from '../support/dispose.ts';
import { connectRedis, startRedis } from '../support/redis.ts';
import { until } from '../support/until.ts';

function assertUnavailable(answer: PromiseSettledResult<unknown> | undefined): void {
  assert.equal(answer?.status, 'rejected');
  assert.equal((answer.reason as GatewayError).status, 'redis_unavailable');
}

describe('a Redis that hangs', () => {
  const parts = cleanUp();

  it('fails all that waits within some seconds, whenever it was asked, and is used again', async () => {
    const server = await parts.start(startRedis());
    const redis = await parts.start(connectRedis(server.url));
    const ask = () => redis.run((client) => client.ping());
    assert.equal(await ask(), 'PONG');
    process.kill(server.pid, 'SIGSTOP');
    const began = performance.now();
    try {
      for (const answer of await Promise.allSettled([ask(), ask(), ask()]))
        assertUnavailable(answer);
      const waited = performance.now() - began;
      assert.ok(waited > 2900 && waited < 6000, `${waited} ms`);
      // It connects again, and is not there yet: what would wait for that fails at once.
      const transaction = redis.run((client) => client.multi().ping().exec());
      assertUnavailable((await Promise.allSettled([transaction]))[0]);
      assert.ok(performance.now() - began - waited < 500);
    } finally {
      process.kill(server.pid, 'SIGCONT');
    }
    await until(() => redis.ready, { timeout: 10_000, what: 'Redis to be there again' });
    assert.equal(await ask(), 'PONG');
  });
});
