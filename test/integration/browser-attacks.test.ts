import assert from 'node:assert/strict';
import { createClient } from '@node-redis/client';
import { before, describe, it } from 'mocha';
import supertest from 'supertest';
import { cleanUp } from '../support/dispose.ts';
import { PASSWORDS, TestGateway } from '../support/gateway.ts';
import { startGuacd } from '../support/guacd.ts';
import { startRedis } from '../support/redis.ts';
import { until } from '../support/until.ts';
import { type Browser, browserAt, login, signedIn } from './support/people.ts';
import { problemOfTest } from './support/problem.ts';
import { redisContent } from './support/redis-content.ts';
import { sessionCookie } from './support/session-cookie.ts';

const EVIL = 'https://evil.example';

describe('a page of another site', () => {
  const suite = cleanUp();
  let redis: { url: string };
  let gateway: TestGateway;

  before(async () => {
    const guacd = await suite.start(startGuacd());
    redis = await suite.start(startRedis());
    // A portal that may show consoles may show nothing else.
    const config = { embedding: { origins: ['https://portal.example'] } };
    gateway = await suite.start(TestGateway.start({ redis, guacd, machines: [], config }));
  });

  const pairOf = (cookie: string) => cookie.split(';')[0] ?? '';
  const me = (cookie: string) => supertest(gateway.url).get('/api/v1/me').set('Cookie', cookie);

  describe('fixes no session', () => {
    it('a cookie of its making is not taken up by a sign-in', async () => {
      for (const planted of ['rackside=planted', 'rackside=s%3Aplanted.signature']) {
        const answer = await login(browserAt(gateway), 'alice').set('Cookie', planted).expect(200);
        const cookie = pairOf(sessionCookie(answer));
        assert.notEqual(cookie, planted);
        await me(cookie).expect(200);
        problemOfTest(await me(planted), 401, 'unauthenticated');
      }
    });

    it('a genuine session of the attacker’s is worth nothing after its victim’s sign-in', async () => {
      const attacker = pairOf(sessionCookie(await login(browserAt(gateway), 'bob').expect(200)));
      const victim = await login(browserAt(gateway), 'alice').set('Cookie', attacker).expect(200);
      assert.notEqual(pairOf(sessionCookie(victim)), attacker);
      problemOfTest(await me(attacker), 401, 'unauthenticated');
    });
  });

  describe('makes no call in its visitor’s name', () => {
    const changes = (browser: Browser) => [
      browser.post('/api/v1/login'),
      browser.post('/api/v1/logout'),
      browser.post('/api/v1/consoles'),
      browser.post('/api/v1/me/totp'),
      browser.delete('/api/v1/me/totp'),
      browser.delete('/api/v1/me/sessions'),
      browser.delete('/api/v1/users/alice/totp'),
    ];

    it('with its Origin, as a sandboxed frame, or where the browser says only Sec-Fetch-Site', async () => {
      const browser = await signedIn(gateway, 'alice');
      for (const headers of [
        { Origin: EVIL },
        { Origin: 'null' },
        { Origin: `${gateway.url}.evil.example` },
        { Origin: gateway.url.replace('http:', 'https:') },
        { 'Sec-Fetch-Site': 'cross-site' },
        { 'Sec-Fetch-Site': 'same-site' },
      ]) {
        for (const call of changes(browser)) {
          problemOfTest(await call.set(headers).send({}), 403, 'cross_site');
        }
      }
      await browser.get('/api/v1/me').expect(200);
    });

    it('by a form, whichever of the types it takes that need no leave (CORS)', async () => {
      const body = JSON.stringify({ username: 'bob', password: PASSWORDS.bob });
      for (const type of [
        'text/plain',
        'application/x-www-form-urlencoded',
        'multipart/form-data',
      ]) {
        const browser = await signedIn(gateway, 'alice');
        const send = () => browser.post('/api/v1/login').set('Content-Type', type).send(body);
        problemOfTest(await send().set('Origin', EVIL), 403, 'cross_site');
        // Also where an old browser would name no origin at all.
        problemOfTest(await send(), 415, 'unsupported_media_type');
        assert.equal((await browser.get('/api/v1/me')).body.name, 'alice');
      }
    });

    it('nor reads an answer: nothing says Access-Control', async () => {
      const browser = await signedIn(gateway, 'alice');
      const asked = [
        await browser.get('/api/v1/me').set('Origin', EVIL),
        await browser
          .options('/api/v1/consoles')
          .set({ Origin: EVIL, 'Access-Control-Request-Method': 'POST' }),
      ];
      for (const { headers } of asked) {
        const names = Object.keys(headers);
        assert.deepEqual(
          names.filter((name) => name.startsWith('access-control')),
          [],
        );
      }
    });
  });

  it('shows no page of ours where one signs in or changes the account in a frame of its own', async () => {
    for (const path of ['/', '/account', '/account/', '/ACCOUNT', '/no-such-page', '/api/v1/me']) {
      const { headers } = await supertest(gateway.url).get(path).set('Accept', 'text/html');
      const policy = String(headers['content-security-policy']);
      assert.match(policy, /(^|;)\s*frame-ancestors 'none'(;|$)/, path);
      assert.equal(headers['x-frame-options'], 'DENY', path);
    }
  });

  it('is where no address of ours leads to', async () => {
    const browser = await signedIn(gateway, 'alice');
    const names = ['next', 'url', 'redirect', 'return', 'returnTo', 'continue', 'closeUrl', 'jwt'];
    const query = new URLSearchParams(names.map((name) => [name, EVIL])).toString();
    for (const path of [
      '/',
      '/account',
      '/launch',
      '/refused',
      '/console/x',
      '//evil.example',
      '/%2f%2fevil.example',
      '/\\evil.example',
      '/api/v1/me',
      '/api/v1/login',
      '/assets/..%2f',
    ]) {
      for (const host of [new URL(gateway.url).host, 'evil.example']) {
        const url = `${path}${path.includes('?') ? '&' : '?'}${query}`;
        const answer = await browser
          .get(url)
          .set({ Accept: 'text/html', Host: host, 'X-Forwarded-Host': 'evil.example' })
          .redirects(0);
        const location = answer.get('Location');
        if (location === undefined) continue;
        assert.equal(new URL(location, gateway.url).origin, gateway.url, `${url} → ${location}`);
      }
    }
  });

  it('gets no cookie that scripts can read, nor that goes with its requests', async () => {
    const answer = await login(browserAt(gateway), 'alice').expect(200);
    const cookies = answer.get('Set-Cookie') ?? [];
    assert.equal(cookies.length, 2);
    for (const cookie of cookies) {
      assert.match(cookie, /; Path=\/(;|$)/);
      assert.match(cookie, /; HttpOnly(;|$)/);
      assert.match(cookie, /; SameSite=Lax(;|$)/);
      assert.doesNotMatch(cookie, /; Domain=/i);
    }
  });

  it('and nobody: a session whose time is over is 401, like one that never was', async () => {
    const cookie = pairOf(sessionCookie(await login(browserAt(gateway), 'alice').expect(200)));
    const sid = /s:([^.]+)\./.exec(decodeURIComponent(cookie))?.[1] ?? '';
    await me(cookie).expect(200);
    const client = createClient({ url: redis.url });
    await client.connect();
    try {
      const key = `rackside:session:${sid}`;
      assert.ok((await redisContent(redis.url)).some((entry) => entry.key === key));
      await client.pExpire(key, 1);
      const gone = async () => (await client.exists(key)) === 0;
      await until(gone, { timeout: 2000, what: 'the session to expire' });
    } finally {
      client.destroy();
    }
    problemOfTest(await me(cookie), 401, 'unauthenticated');
  });
});
