import assert from 'node:assert/strict';
import { createClient } from '@node-redis/client';
import { hash } from '@node-rs/argon2';
import { before, describe, it } from 'mocha';
import { type SessionView, sessionList } from '../../server/contract/index.ts';
import { cleanUp } from '../support/dispose.ts';
import {
  API_TOKENS,
  PASSWORDS,
  TestGateway,
  type TestGatewayOptions,
  testConfig,
} from '../support/gateway.ts';
import { startGuacd } from '../support/guacd.ts';
import { logBook } from '../support/log-book.ts';
import { startRedis } from '../support/redis.ts';
import { type Browser, browserAt, login, signedIn } from './support/people.ts';
import { problemOfTest } from './support/problem.ts';
import { redisContent } from './support/redis-content.ts';
import { sentCookie, sessionCookie } from './support/session-cookie.ts';

const SESSIONS = '/api/v1/me/sessions';

describe('sessions of a user', () => {
  const suite = cleanUp();
  let options: TestGatewayOptions & { redis: { url: string } };
  let one: TestGateway;
  let other: TestGateway;

  before(async () => {
    const [redis, guacd] = await Promise.all([
      suite.start(startRedis()),
      suite.start(startGuacd()),
    ]);
    const machines = [{ id: 'desk', consoles: { vnc: { host: '127.0.0.1', port: 1 } } }];
    options = { redis, guacd, machines };
    const start = () => suite.start(TestGateway.start(options));
    [one, other] = await Promise.all([start(), start()]);
  });

  async function listed(browser: Browser): Promise<SessionView[]> {
    return sessionList.parse((await browser.get(SESSIONS).expect(200)).body).items;
  }

  const isIn = (browser: Browser) => browser.get('/api/v1/me').expect(200);
  async function isOut(browser: Browser): Promise<void> {
    problemOfTest(await browser.get('/api/v1/me'), 401, 'unauthenticated');
    problemOfTest(await browser.get('/api/v1/machines'), 401, 'unauthenticated');
  }

  it('are listed with when, from where and by which browser, and none of anybody else', async () => {
    const began = Date.now();
    const phone = browserAt(other);
    await login(phone, 'alice')
      .set('User-Agent', `Phone ${'x'.repeat(500)}`)
      .expect(200);
    const browser = await signedIn(one, 'alice');
    await signedIn(one, 'bob');
    const [mine, its, ...more] = await listed(browser);
    assert.deepEqual(more, []);
    assert.ok(mine && its);
    assert.deepEqual([mine.current, its.current], [true, false]);
    assert.match(its.userAgent, /^Phone x{200,250}$/);
    assert.equal(mine.address, '127.0.0.1');
    for (const { createdAt, lastSeenAt, expiresAt } of [mine, its]) {
      assert.ok(Date.parse(createdAt) >= began - 5 && Date.parse(lastSeenAt) <= Date.now() + 5);
      assert.equal(Date.parse(expiresAt) - Date.parse(createdAt), 7_200_000);
    }
  });

  it('are ended by their user on every replica at once', async () => {
    const [here, there] = [await signedIn(one, 'bob'), await signedIn(other, 'bob')];
    const [session] = (await listed(there)).filter(({ current }) => current);
    await isIn(there);
    await here.delete(`${SESSIONS}/${session?.id}`).expect(204);
    await isOut(there);
    await isIn(here);
    problemOfTest(await here.delete(`${SESSIONS}/${session?.id}`), 404, 'session_not_found');
    problemOfTest(await here.delete(`${SESSIONS}/ключ%2F..`), 404, 'session_not_found');
  });

  it('are ended all but the one that asks', async () => {
    const others = await Promise.all([one, other, one].map((at) => signedIn(at, 'support')));
    const here = await signedIn(one, 'support');
    await here.delete(SESSIONS).expect(204);
    await Promise.all(others.map(isOut));
    assert.deepEqual(
      (await listed(here)).map(({ current }) => current),
      [true],
    );
  });

  it('hear no more of a console once they are ended', async () => {
    const body = { username: 'alice', password: PASSWORDS.alice };
    const there = await other.call('POST', '/login', { body });
    const opened = await one.open({ machine: 'lab:desk', user: 'alice' });
    const stream = await other.call('GET', `/consoles/${opened.id}/events`, {
      headers: { cookie: sentCookie(there) },
    });
    const reader = stream.body?.getReader();
    assert.equal((await reader?.read())?.done, false);
    const here = await signedIn(one, 'alice');
    await here.delete(SESSIONS).expect(204);
    await one.call('POST', `/consoles/${opened.id}/extend`, { as: API_TOKENS.portal, body: {} });
    assert.equal((await reader?.read())?.done, true);
  });

  it('of somebody else cannot be ended, nor found by guessing', async () => {
    const [bob, alice] = [await signedIn(one, 'bob'), await signedIn(one, 'alice')];
    const [his] = (await listed(bob)).filter(({ current }) => current);
    problemOfTest(await alice.delete(`${SESSIONS}/${his?.id}`), 404, 'session_not_found');
    await isIn(bob);
  });

  it('do not come back by a request that was under way when they were ended', async () => {
    const browser = browserAt(one);
    const cookie = sessionCookie(await login(browser, 'admin').expect(200)).split(';')[0] ?? '';
    const sid = /s:([^.]+)\./.exec(decodeURIComponent(cookie))?.[1] ?? '';
    const key = `rackside:session:${sid}`;
    const kept = (await redisContent(options.redis.url)).find((entry) => entry.key === key);
    const client = createClient({ url: options.redis.url });
    await client.connect();
    try {
      await (await signedIn(other, 'admin')).delete(SESSIONS).expect(204);
      // What express-session does at the end of a request that changed its session.
      await client.set(key, JSON.parse(kept?.text ?? '""') as string);
      await isOut(browser);
      assert.equal(await client.get(key), null);
    } finally {
      client.destroy();
    }
  });

  it('are over with sign-out, and with the next sign-in of the same browser', async () => {
    const browser = await signedIn(one, 'support');
    await login(browser, 'support').expect(200);
    await browser.delete(SESSIONS).expect(204);
    assert.equal((await listed(browser)).length, 1);
    await browser.post('/api/v1/logout').expect(204);
    await isOut(browser);
    assert.deepEqual(
      (await listed(await signedIn(one, 'support'))).map(({ current }) => current),
      [true],
    );
  });

  it('end with another password, and with the account', async () => {
    const users = await Promise.all([signedIn(one, 'alice'), signedIn(one, 'bob')]);
    const plain = (await testConfig(options)) as {
      users: { name: string; passwordHash: string }[];
    };
    const cost = { memoryCost: 8, timeCost: 1, parallelism: 1 };
    const passwordHash = await hash(logBook.secret('another password'), cost);
    const config = {
      users: plain.users
        .filter(({ name }) => name !== 'bob')
        .map((user) => (user.name === 'alice' ? { ...user, passwordHash } : user)),
    };
    const later = await suite.start(TestGateway.start({ ...options, config }));
    for (const user of users) {
      const cookies = user.jar.getCookies({
        path: '/',
        domain: '127.0.0.1',
        secure: false,
        script: false,
      });
      const cookie = cookies.map(({ name, value }) => `${name}=${value}`).join('; ');
      const answer = await browserAt(later).get('/api/v1/me').set('Cookie', cookie);
      problemOfTest(answer, 401, 'unauthenticated');
    }
  });
});
