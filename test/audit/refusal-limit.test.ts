import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { AuditStream } from '../../server/audit/audit-stream.ts';
import { AuditTrail } from '../../server/audit/audit-trail.ts';
import { RefusalLimit } from '../../server/audit/refusal-limit.ts';
import type { AuditEntry } from '../../server/contract/index.ts';
import { createLogger } from '../../server/log.ts';
import { cleanUp } from '../support/dispose.ts';
import { connectRedis, startRedis } from '../support/redis.ts';
import { until } from '../support/until.ts';

const refusal = (change: Partial<AuditEntry> = {}): AuditEntry => ({
  ...{ action: 'open', who: null, via: 'token', from: '203.0.113.7' },
  ...{ machine: null, console: null, result: 'unauthenticated', detail: null },
  ...change,
});

const limit = () => new RefusalLimit({ each: 2, addresses: 3 });

/** How many of these are kept. */
function kept(refusals: RefusalLimit, entries: readonly AuditEntry[]): number {
  return entries.filter((entry) => refusals.takes(entry)).length;
}

const times = (count: number, change: Partial<AuditEntry> = {}) =>
  Array.from({ length: count }, () => refusal(change));

describe('the limit of refusals in the audit trail', () => {
  const each = cleanUp('each');

  it('keeps a few of an address and counts the rest by action, the most frequent first', () => {
    const refusals = limit();
    assert.equal(kept(refusals, [...times(3), ...times(4, { action: 'login', who: 'bob' })]), 2);
    assert.deepEqual(refusals.end(), [
      refusal({
        action: 'login',
        via: 'gateway',
        result: 'rate_limited',
        detail: '5 more refused in the same minute, not told one by one: login 4, open 1',
      }),
    ]);
  });

  it('begins anew with each window, and says nothing where nothing was left out', () => {
    const refusals = limit();
    assert.equal(kept(refusals, times(2)), 2);
    assert.deepEqual(refusals.end(), []);
    assert.equal(kept(refusals, times(3)), 2);
    assert.equal(refusals.end().length, 1);
    assert.deepEqual(refusals.end(), []);
  });

  it('leaves alone what was done, and what nobody asked for', () => {
    const refusals = limit();
    assert.equal(kept(refusals, times(9, { result: 'ok' })), 9);
    assert.equal(kept(refusals, times(9, { via: 'gateway', from: null })), 9);
  });

  it('counts a person by themselves, wherever they come from, and no stranger against them', () => {
    const refusals = limit();
    kept(refusals, times(5));
    const [here, there] = [times(2, { who: 'alice' }), times(2, { who: 'alice', from: '::1' })];
    assert.equal(kept(refusals, [...here, ...there]), 2);
    const [, alice] = refusals.end();
    assert.deepEqual([alice?.who, alice?.from], ['alice', '203.0.113.7']);
  });

  it('takes a name for no more than an address or a console where anybody may give any', () => {
    const names = ['alice', 'bob', 'carol'];
    const signIns = names.map((who) => refusal({ action: 'login', who }));
    assert.equal(kept(limit(), signIns), 2);
    const viewers = names.map((who) => refusal({ via: 'console', console: 'one', who }));
    const [, ...others] = viewers.map((entry) => ({ ...entry, console: 'other' }));
    assert.equal(kept(limit(), [...viewers, ...others]), 2 + 2);
  });

  it('takes an IPv6 network for one, and all addresses beyond a number for one', () => {
    const refusals = limit();
    const network = Array.from({ length: 9 }, (_, n) => refusal({ from: `2001:db8:1:2::${n}` }));
    assert.equal(kept(refusals, network), 2);
    const many = Array.from({ length: 50 }, (_, n) => refusal({ from: `198.51.100.${n}` }));
    assert.equal(kept(refusals, [...many, ...many]), 2 + 2 + 2);
    assert.deepEqual(
      refusals.end().map(({ from, detail }) => [from, detail?.split(' ')[0]]),
      [
        ['2001:db8:1:2::0', '7'],
        [null, '94'],
      ],
    );
  });

  it('says what was left out when the window is over, in the trail', async () => {
    const log = createLogger('info', { write: () => undefined });
    const server = await each.start(startRedis());
    const redis = await each.start(connectRedis(server.url, log));
    const stream = new AuditStream(redis, 1000);
    const refusals = { each: 2, addresses: 3, windowMs: 50 };
    const trail = new AuditTrail({ stream, writers: [], refusals, log, now: Date.now });
    for (const entry of times(5)) trail.write(entry);
    const told = async () => (await stream.page({ limit: 50 })).items;
    await until(async () => (await told()).length > 2, { timeout: 3000, what: 'the count' });
    assert.deepEqual(
      (await told()).map(({ via }) => via),
      ['gateway', 'token', 'token'],
    );
    await trail.stop(1000);
  });
});
