import assert from 'node:assert/strict';
import { before, describe, it } from 'mocha';
import { createLogger } from '../../server/log.ts';
import { SharedDebts } from '../../server/platform/debts.ts';
import type { Redis } from '../../server/platform/redis.ts';
import { Replicas } from '../../server/platform/replicas.ts';
import type { Debt } from '../../server/providers/provider-context.ts';
import { cleanUp } from '../support/dispose.ts';
import { logBook } from '../support/log-book.ts';
import { connectRedis, startRedis } from '../support/redis.ts';

describe('what a gateway owes to a remote', () => {
  const suite = cleanUp();
  const log = createLogger('debug', logBook.stream);
  const debt: Debt = { machine: 'node', what: 'user:rackside1' };
  let redis: Redis;
  let count = 0;

  before(async () => {
    const server = await suite.start(startRedis());
    redis = await suite.start(connectRedis(server.url, log));
  });

  /** Two gateways with the same provider, both alive. */
  async function pair() {
    const name = `metal${(count += 1)}`;
    const [mine, other] = [new Replicas(redis), new Replicas(redis)];
    await Promise.all([mine.show(), other.show()]);
    const debts = (replicas: Replicas) => new SharedDebts({ redis, replicas, name, log });
    return { mine, owed: debts(mine), sweeper: debts(other) };
  }

  it('is undone by another when it has died, and not before', async () => {
    const { mine, owed, sweeper } = await pair();
    const undone: Debt[] = [];
    sweeper.onOrphan(async (one) => void undone.push(one));
    await owed.owe(debt);
    await sweeper.sweep();
    await sweeper.sweep();
    assert.deepEqual(undone, []);
    await mine.stop();
    await sweeper.sweep();
    assert.deepEqual(undone, [], 'a Redis that was away makes all look dead once');
    await sweeper.sweep();
    await sweeper.sweep();
    assert.deepEqual(undone, [debt]);
  });

  it('is forgotten when it is undone in order', async () => {
    const { mine, owed, sweeper } = await pair();
    const undone: Debt[] = [];
    sweeper.onOrphan(async (one) => void undone.push(one));
    const settle = await owed.owe(debt);
    await settle(async () => undefined);
    await mine.stop();
    await sweeper.sweep();
    await sweeper.sweep();
    assert.deepEqual(undone, []);
  });

  it('is left to others when its own gateway, which lives, could not undo it', async () => {
    const { owed, sweeper } = await pair();
    const undone: Debt[] = [];
    sweeper.onOrphan(async (one) => void undone.push(one));
    const settle = await owed.owe(debt);
    await settle(() => Promise.reject(new Error('the BMC does not answer')));
    for (let look = 0; look < 4; look += 1) await sweeper.sweep();
    assert.deepEqual(undone, [debt]);
  });

  it('is tried again when it cannot be undone yet', async () => {
    const { mine, owed, sweeper } = await pair();
    let tries = 0;
    sweeper.onOrphan(async () => {
      tries += 1;
      if (tries < 3) throw new Error('the BMC does not answer');
    });
    await owed.owe(debt);
    await mine.stop();
    for (let look = 0; look < 6; look += 1) await sweeper.sweep();
    assert.equal(tries, 3);
  });
});
