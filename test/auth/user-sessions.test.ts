import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { before, describe, it } from 'mocha';
import { callerOf } from '../../server/platform/client-address.ts';
import { KnownDevices } from '../../server/auth/known-devices.ts';
import { UserSessions } from '../../server/auth/user-sessions.ts';
import { createLogger } from '../../server/log.ts';
import { cleanUp } from '../support/dispose.ts';
import { logBook } from '../support/log-book.ts';
import { connectRedis, startRedis } from '../support/redis.ts';

const HOUR = 3_600_000;

describe('a sign-in', () => {
  const suite = cleanUp();
  let sessions: UserSessions;

  before(async () => {
    const { url } = await suite.start(startRedis());
    const log = createLogger('debug', logBook.stream);
    sessions = new UserSessions(await suite.start(connectRedis(url, log)));
  });

  const place = { sid: 'one', address: '192.0.2.1', agent: 'a browser' };

  it('is good for two hours, however much it is used', async () => {
    const start = Date.now();
    const id = await sessions.add('ann', place, start);
    for (const at of [1, HOUR, 2 * HOUR - 1]) {
      assert.equal(await sessions.seen('ann', id, place.address, start + at), true);
    }
    assert.equal(await sessions.seen('ann', id, place.address, start + 2 * HOUR), false);
    assert.deepEqual(await sessions.list('ann', start + 2 * HOUR), []);
  });

  it('says when it was seen last, to the minute, and from which address', async () => {
    const start = Date.now();
    const id = await sessions.add('ben', place, start);
    const last = async () => (await sessions.list('ben', start))[0];
    await sessions.seen('ben', id, place.address, start + 59_000);
    assert.equal((await last())?.seenAt, start);
    await sessions.seen('ben', id, place.address, start + 60_000);
    assert.equal((await last())?.seenAt, start + 60_000);
    await sessions.seen('ben', id, '192.0.2.2', start + 61_000);
    assert.equal((await last())?.address, '192.0.2.2');
  });

  it('that was ended is not seen again', async () => {
    const id = await sessions.add('cid', place, Date.now());
    assert.equal(await sessions.end('cid', id, Date.now()), true);
    assert.equal(await sessions.seen('cid', id, place.address, Date.now()), false);
    assert.equal(await sessions.end('cid', id, Date.now()), false);
    assert.equal(await sessions.seen('nobody', id, place.address, Date.now()), false);
  });
});

describe('who is counted as one caller', () => {
  for (const [address, caller] of [
    ['192.0.2.1', '192.0.2.1'],
    ['::ffff:192.0.2.1', '192.0.2.1'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:0DB8:0001:0002::', '2001:db8:1:2::/64'],
    ['fe80::1%eth0', 'fe80::/64'],
    ['', ''],
    ['unix:', 'unix:'],
  ] as const) {
    it(`${address || 'nothing'} is ${caller || 'nothing'}`, () => {
      assert.equal(callerOf(address), caller);
    });
  }
});

describe('a known browser', () => {
  const key = (id: string) => ({ id, secret: new Uint8Array(randomBytes(32)) });
  const [old, fresh] = [key('old'), key('fresh')];

  it('is known to its user alone, also when the first key is another', () => {
    const mark = new KnownDevices([old]).issue('ann');
    const later = new KnownDevices([fresh, old]);
    assert.match(later.idOf(mark, 'ann') ?? '', /^[\w-]{16}$/);
    assert.equal(later.idOf(mark, 'ben'), undefined);
    assert.equal(new KnownDevices([fresh]).idOf(mark, 'ann'), undefined);
  });

  it('is not made up', () => {
    const devices = new KnownDevices([old]);
    const [head, body] = devices.issue('ann').split('.');
    for (const mark of ['', 'x', `${head}.${body}.`, `${head}.${body}.AAAA`]) {
      assert.equal(devices.idOf(mark, 'ann'), undefined);
    }
  });
});
