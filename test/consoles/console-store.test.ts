import assert from 'node:assert/strict';
import { ConsoleStore } from '../../server/consoles/console-store.ts';
import type { ConsoleRecord } from '../../server/consoles/console.ts';
import { newConsole } from '../../server/consoles/new-console.ts';
import { GatewayError } from '../../server/errors.ts';
import { randomId } from '../../server/platform/random-id.ts';
import type { Redis } from '../../server/platform/redis.ts';
import { cleanUp } from '../support/dispose.ts';
import { connectRedis, startRedis } from '../support/redis.ts';

const OPEN: ConsoleRecord = newConsole(
  {
    machine: {
      ...{ id: 'lab:desk', localId: 'desk', name: 'Desk', type: 'vm', location: 'default' },
      ...{ power: 'on', consoles: ['vnc'], owner: null },
    },
    ...{ readOnly: false, user: 'alice', openedBy: 'alice', purpose: null, approvers: null },
    may: { extend: true, share: true, power: true },
  },
  { ttl: 3600, maxTtl: 7200, extendStep: 600, approvalTtl: 600, perCustomer: 0 },
  Date.now(),
).record;

/** A change that shows in what is kept of it. */
const named = (add: string) => (record: ConsoleRecord) => ({
  ...record,
  machineName: record.machineName + add,
});

describe('console store, of two gateways with one Redis', () => {
  const parts = cleanUp();
  const redises: Redis[] = [];
  let here: ConsoleStore;
  let there: ConsoleStore;
  let id: string;

  before(async () => {
    const { url } = await parts.start(startRedis());
    for (let count = 0; count < 2; count += 1) {
      redises.push(await parts.start(connectRedis(url)));
    }
  });

  beforeEach(async () => {
    [here, there] = redises.map((redis) => new ConsoleStore(redis)) as [ConsoleStore, ConsoleStore];
    id = randomId(12);
    await here.create({ ...OPEN, id, machineName: '' });
  });

  it('loses no change, whoever remembers an older record', async () => {
    for (const [at, store] of [here, there, there, here, here, there].entries()) {
      const { before: old, after: now } = await store.update(id, named(String(at)));
      assert.equal(now.machineName, old.machineName + String(at));
    }
    assert.equal((await here.get(id)).machineName, '012345');
    assert.equal((await there.get(id)).revision, 6);
  });

  it('refuses a change for how the console is, not for how it was', async () => {
    const unlessLocked = (record: ConsoleRecord): ConsoleRecord => {
      if (record.machineName.endsWith('locked')) throw new GatewayError('console_ended', 'locked');
      return named('+')(record);
    };
    await here.update(id, named('locked'));
    await there.update(id, named('-open'));
    assert.equal((await here.update(id, unlessLocked)).after.machineName, 'locked-open+');
    await there.update(id, named('locked'));
    await assert.rejects(here.update(id, unlessLocked), { status: 'console_ended' });
  });

  it('makes a change that was made here and undone elsewhere', async () => {
    const once = (record: ConsoleRecord): ConsoleRecord =>
      record.machineName === 'set' ? record : { ...record, machineName: 'set' };
    await here.update(id, once);
    await there.update(id, (record) => ({ ...record, machineName: '' }));
    await here.update(id, once);
    assert.equal((await there.get(id)).machineName, 'set');
  });

  it('says of one that is gone that it is, though it is remembered', async () => {
    await here.update(id, named('x'));
    await redises[1]?.run((client) => client.flushAll());
    await assert.rejects(here.update(id, named('y')), { status: 'console_not_found' });
  });
});
