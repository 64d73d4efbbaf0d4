import assert from 'node:assert/strict';
import { before, describe, it } from 'mocha';
import supertest, { type Response } from 'supertest';
import {
  type ConsoleList,
  type MachineList,
  consoleList,
  consoleView,
  createdConsole,
  machineList,
  machineView,
} from '../../server/contract/index.ts';
import { cleanUp } from '../support/dispose.ts';
import { API_TOKENS, PASSWORDS, TestGateway } from '../support/gateway.ts';
import { startGuacd } from '../support/guacd.ts';
import { startRedis } from '../support/redis.ts';
import type { ServerProcess } from '../support/server-process.ts';
import { until } from '../support/until.ts';
import { problemOfTest } from './support/problem.ts';
import { redisContent } from './support/redis-content.ts';
import { sessionCookie } from './support/session-cookie.ts';

const RFC3339_UTC = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?Z$/;
const NOWHERE = { host: '127.0.0.1', port: 1 };
const { portal, customer } = API_TOKENS;

/** Seven machines: two of alice's, one of bob's, the rest nobody's. */
const MACHINES = [
  { id: 'desk', name: 'Desk of Alice', owner: 'alice', consoles: { vnc: NOWHERE, ssh: NOWHERE } },
  { id: 'build', owner: 'alice', consoles: { ssh: NOWHERE } },
  { id: 'shop', name: 'Shop', owner: 'bob', consoles: { rdp: NOWHERE } },
  ...[1, 2, 3, 4].map((n) => ({ id: `rack4-u${n}`, consoles: { telnet: NOWHERE } })),
];

describe('API', () => {
  const suite = cleanUp();
  let redis: ServerProcess & { url: string };
  let guacd: ServerProcess;
  let gateway: TestGateway;

  before(async () => {
    [redis, guacd] = await Promise.all([suite.start(startRedis()), suite.start(startGuacd())]);
    const config = { consoles: { maxTtl: 10_000 } };
    gateway = await suite.start(TestGateway.start({ redis, guacd, machines: MACHINES, config }));
  });

  const api = () => supertest(gateway.url);
  const get = (path: string, as = portal) =>
    api().get(`/api/v1${path}`).auth(as, { type: 'bearer' });
  const post = (path: string, body: object, as = portal) =>
    api().post(`/api/v1${path}`).auth(as, { type: 'bearer' }).send(body);
  const credentials = (name: keyof typeof PASSWORDS) => ({
    username: name,
    password: PASSWORDS[name],
  });
  async function signIn(name: keyof typeof PASSWORDS) {
    const agent = supertest.agent(gateway.url);
    const answer = await agent.post('/api/v1/login').send(credentials(name)).expect(200);
    return { agent, cookie: cookieOf(answer), answer };
  }

  describe('signing in', () => {
    it('answers who it is, and gives a cookie that scripts and foreign sites cannot use', async () => {
      const { answer, cookie } = await signIn('alice');
      assert.deepEqual(answer.body, { name: 'alice', role: 'customer', mayHaveTokens: true });
      assert.match(cookie.line, /; HttpOnly/);
      assert.match(cookie.line, /; SameSite=Lax/);
      assert.match(cookie.line, /; Path=\//);
    });

    it('keeps the session in Redis for two hours', async () => {
      const { cookie } = await signIn('alice');
      const session = await sessionOf(cookie.sid);
      assert.ok(session, 'the session is in Redis');
      assert.ok(session.ttl > 7190 && session.ttl <= 7200, `ttl is ${session.ttl}`);
    });

    it('changes the session id, so that one planted before is worth nothing', async () => {
      const { agent, cookie } = await signIn('alice');
      const again = await agent.post('/api/v1/login').send(credentials('alice')).expect(200);
      const renewed = cookieOf(again);
      assert.notEqual(renewed.sid, cookie.sid);
      assert.equal(await sessionOf(cookie.sid), undefined);
      await api().get('/api/v1/me').set('Cookie', cookie.pair).expect(401);
      await agent.get('/api/v1/me').expect(200);
    });

    it('makes a session of its own, and leaves a visitor the consoles opened before', async () => {
      const agent = supertest.agent(gateway.url);
      const opened = await gateway.open({ machine: 'lab:desk' });
      const redeemed = await agent
        .post(`/api/v1/consoles/${opened.id}/redeem`)
        .send({ key: opened.launchKey })
        .expect(200);
      assert.equal(sessionCookie(redeemed), '');
      await agent.post('/api/v1/login').send(credentials('bob')).expect(200);
      await agent.get(`/api/v1/consoles/${opened.id}`).expect(200);
    });

    it('tells a wrong password not from an unknown user', async () => {
      const wrong = { username: 'alice', password: 'not the password' };
      const unknown = { username: 'nobody', password: 'not the password' };
      const [one, other] = [
        await api().post('/api/v1/login').send(wrong),
        await api().post('/api/v1/login').send(unknown),
      ];
      problemOfTest(one, 401, 'credentials_invalid');
      problemOfTest(other, 401, 'credentials_invalid');
      assert.deepEqual(one.body, other.body);
      assert.equal(one.get('set-cookie'), undefined);
    });

    it('ends with sign-out: the session is gone from Redis, its cookie is refused', async () => {
      const { agent, cookie } = await signIn('bob');
      const me = await agent.get('/api/v1/me').expect(200);
      assert.deepEqual(me.body, { name: 'bob', role: 'customer', mayHaveTokens: true });
      await agent.post('/api/v1/logout').expect(204);
      assert.equal(await sessionOf(cookie.sid), undefined);
      const late = await api().get('/api/v1/me').set('Cookie', cookie.pair);
      problemOfTest(late, 401, 'unauthenticated');
    });

    it('is needed: a stranger gets 401 for everything of value', async () => {
      for (const path of ['/me', '/machines', '/machines/lab:desk', '/consoles']) {
        problemOfTest(await api().get(`/api/v1${path}`), 401, 'unauthenticated');
      }
      const create = await api().post('/api/v1/consoles').send({ machine: 'lab:desk' });
      problemOfTest(create, 401, 'unauthenticated');
    });
  });

  describe('an API token', () => {
    it('is taken as a bearer, and says who it is', async () => {
      const me = await get('/me').expect(200);
      assert.deepEqual(me.body, { name: 'portal', role: 'support' });
      assert.equal(me.get('set-cookie'), undefined);
    });

    it('that is unknown or no bearer is 401, even beside a good cookie', async () => {
      problemOfTest(await get('/me', 'no-such-token'), 401, 'unauthenticated');
      const { agent } = await signIn('alice');
      for (const header of ['Bearer no-such-token', 'Basic YWxpY2U6YWxpY2U=', 'Bearer ', portal]) {
        const answer = await agent.get('/api/v1/me').set('Authorization', header);
        problemOfTest(answer, 401, 'unauthenticated');
      }
    });
  });

  describe('machines', () => {
    const ids = async (query: string, as = portal) =>
      machineList
        .parse((await get(`/machines${query}`, as).expect(200)).body)
        .items.map((m) => m.id);

    it('a customer sees their own, support sees all', async () => {
      assert.deepEqual(await ids('', customer), ['lab:build', 'lab:desk']);
      assert.equal((await ids('')).length, MACHINES.length);
      const { agent } = await signIn('bob');
      const ofBob = (await agent.get('/api/v1/machines').expect(200)).body as MachineList;
      assert.deepEqual(
        ofBob.items.map(({ id }) => id),
        ['lab:shop'],
      );
    });

    it('are found by a part of their name or id, whatever its case', async () => {
      assert.deepEqual(await ids('?q=of%20ALICE'), ['lab:desk']);
      assert.equal((await ids('?q=rack4')).length, 4);
      assert.deepEqual(await ids('?q=shop', customer), []);
      assert.deepEqual(await ids('?provider=elsewhere'), []);
      assert.equal((await ids('?provider=lab&location=default')).length, MACHINES.length);
    });

    it('come in pages that together hold each machine once', async () => {
      const seen: string[] = [];
      let cursor = '';
      for (let page = 0; page < 4; page += 1) {
        const { body } = await get(`/machines?limit=2${cursor}`).expect(200);
        const { items, next } = machineList.parse(body);
        assert.equal(items.length, page < 3 ? 2 : 1);
        seen.push(...items.map(({ id }) => id));
        assert.equal(next === null, page === 3);
        cursor = `&cursor=${next}`;
      }
      assert.deepEqual(seen, MACHINES.map(({ id }) => `lab:${id}`).toSorted());
    });

    it('refuse a limit that is none, and a query that they do not know', async () => {
      for (const query of ['?limit=0', '?limit=201', '?limit=many', '?colour=red']) {
        const refused = problemOfTest(await get(`/machines${query}`), 400, 'invalid_request');
        assert.equal(refused.errors?.[0]?.path, query.slice(1, query.indexOf('=')));
      }
    });

    it('are named in a path by their URL-encoded id', async () => {
      const { body } = await get(`/machines/${encodeURIComponent('lab:rack4-u1')}`).expect(200);
      assert.deepEqual(machineView.parse(body), {
        id: 'lab:rack4-u1',
        name: 'rack4-u1',
        provider: 'lab',
        type: 'server',
        location: 'default',
        power: 'unknown',
        consoles: ['telnet'],
        actions: ['list', 'open', 'extend', 'share', 'watch', 'kill', 'power'],
        requires: { purpose: false, approval: false, readOnly: false },
        powerActions: [],
        bootDevices: [],
        identify: false,
        media: false,
        ...{ state: null, labels: [], addresses: [], stale: false, staleSince: null },
        consoleFile: false,
        onlySpice: false,
      });
    });

    it('that are unknown or somebody else’s are 404 alike', async () => {
      for (const id of ['lab:none', 'elsewhere:desk', 'nocolon', ':', '../../etc/passwd', '%']) {
        const answer = await get(`/machines/${encodeURIComponent(id)}`);
        problemOfTest(answer, 404, 'machine_not_found');
      }
      const hidden = problemOfTest(
        await get('/machines/lab%3Ashop', customer),
        404,
        'machine_not_found',
      );
      const absent = problemOfTest(
        await get('/machines/lab%3Anone', customer),
        404,
        'machine_not_found',
      );
      assert.equal(hidden.detail.replace('shop', 'none'), absent.detail);
    });
  });

  describe('opening a console', () => {
    it('answers 201 with its URL, at once and whole', async () => {
      const before = Date.now();
      const { body } = await post('/consoles', { machine: 'lab:desk' }).expect(201);
      const made = createdConsole.parse(body);
      const prefix = `${gateway.url}/console/${made.id}#`;
      assert.ok(made.url.startsWith(prefix), made.url);
      assert.match(made.url.slice(prefix.length), /^[\w-]{43,}$/, 'a key of 256 bits');
      assert.deepEqual(
        [made.machine, made.machineName, made.kind, made.readOnly, made.state, made.user],
        ['lab:desk', 'Desk of Alice', 'vnc', false, 'starting', 'portal'],
      );
      for (const time of [made.createdAt, made.expiresAt, made.extendableUntil]) {
        assert.match(time, RFC3339_UTC);
      }
      const createdAt = Date.parse(made.createdAt);
      assert.ok(createdAt >= before && createdAt <= Date.now());
      assert.equal(Date.parse(made.expiresAt) - createdAt, 7_200_000);
      assert.equal(Date.parse(made.extendableUntil) - createdAt, 10_000_000);
    });

    it('takes a kind, a time to live, read-only, and a person from a portal’s token', async () => {
      const wanted = { machine: 'lab:desk', kind: 'ssh', ttl: 60, readOnly: true, user: 'alice' };
      const made = createdConsole.parse((await post('/consoles', wanted).expect(201)).body);
      assert.deepEqual([made.kind, made.readOnly, made.user], ['ssh', true, 'alice']);
      assert.equal(Date.parse(made.expiresAt) - Date.parse(made.createdAt), 60_000);
    });

    it('is a customer’s right on their own machine, for themselves', async () => {
      await post('/consoles', { machine: 'lab:desk', user: 'alice' }, customer).expect(201);
      const others = await post('/consoles', { machine: 'lab:shop' }, customer);
      problemOfTest(others, 403, 'forbidden');
      const forOthers = await post('/consoles', { machine: 'lab:desk', user: 'bob' }, customer);
      problemOfTest(forOthers, 403, 'forbidden');
    });

    it('refuses a machine that is not there and a kind that it does not have', async () => {
      problemOfTest(await post('/consoles', { machine: 'lab:none' }), 404, 'machine_not_found');
      const noKind = await post('/consoles', { machine: 'lab:desk', kind: 'rdp' });
      problemOfTest(noKind, 422, 'console_kind_unavailable');
    });

    it('names every field that is at fault', async () => {
      const faults: [object, string][] = [
        [{ machine: 'lab:desk', colour: 'red' }, 'colour'],
        [{}, 'machine'],
        [{ machine: 'lab:desk', kind: 'spice' }, 'kind'],
        [{ machine: 'lab:desk', ttl: 10_001 }, 'ttl'],
        [{ machine: 'lab:desk', ttl: 0 }, 'ttl'],
        [{ machine: 'lab:desk', display: { width: 1, height: 800 } }, 'display.width'],
        [{ machine: 'lab:desk', closeUrl: 'javascript:alert(1)' }, 'closeUrl'],
      ];
      for (const [body, path] of faults) {
        const refused = problemOfTest(await post('/consoles', body), 400, 'invalid_request');
        assert.deepEqual(
          refused.errors?.map((error) => error.path),
          [path],
        );
      }
    });
  });

  describe('consoles', () => {
    it('are seen, listed and closed by their person, the machine’s owner and staff', async () => {
      const alice = await signIn('alice');
      const bob = await signIn('bob');
      const staff = await signIn('admin');
      const { body } = await alice.agent
        .post('/api/v1/consoles')
        .send({ machine: 'lab:desk' })
        .expect(201);
      const { id } = createdConsole.parse(body);
      const forBob = await gateway.open({ machine: 'lab:desk', user: 'bob' });

      const listed = async (agent: typeof alice.agent) =>
        ((await agent.get('/api/v1/consoles?limit=200').expect(200)).body as ConsoleList).items.map(
          (item) => item.id,
        );
      assert.ok((await listed(alice.agent)).includes(id));
      assert.ok((await listed(staff.agent)).includes(id));
      assert.ok(!(await listed(bob.agent)).includes(id));
      for (const who of [alice, bob, staff]) {
        assert.ok((await listed(who.agent)).includes(forBob.id));
      }

      const one = `/api/v1/consoles/${id}`;
      assert.equal(consoleView.parse((await alice.agent.get(one).expect(200)).body).id, id);
      await staff.agent.get(one).expect(200);
      problemOfTest(await bob.agent.get(one), 403, 'forbidden');
      problemOfTest(await bob.agent.get(`${one}/events`), 403, 'forbidden');
      problemOfTest(await bob.agent.delete(one), 403, 'forbidden');
      problemOfTest(await api().get(one), 401, 'unauthenticated');
      problemOfTest(await api().delete(one), 401, 'unauthenticated');

      await alice.agent.delete(one).expect(204);
      const closed = consoleView.parse((await alice.agent.get(one).expect(200)).body);
      assert.deepEqual([closed.state, closed.reason], ['closed', 'ended']);
      assert.ok(!(await listed(alice.agent)).includes(id));
      await alice.agent.delete(one).expect(204);
    });

    it('come in pages, oldest first', async () => {
      const before = (await get('/consoles?limit=200')).body as ConsoleList;
      const made: string[] = [];
      for (let n = 0; n < 5; n += 1) made.push((await gateway.open({ machine: 'lab:shop' })).id);
      const seen: string[] = [];
      let cursor = '';
      do {
        const answer = await get(`/consoles?limit=3${cursor}`).expect(200);
        const { items, next } = consoleList.parse(answer.body);
        seen.push(...items.map(({ id }) => id));
        cursor = next === null ? '' : `&cursor=${next}`;
      } while (cursor !== '');
      assert.deepEqual(seen, [...before.items.map(({ id }) => id), ...made]);
    });

    it('that are unknown are 404', async () => {
      for (const [method, path] of [
        ['get', '/consoles/none'],
        ['delete', '/consoles/none'],
        ['get', '/consoles/none/events'],
        ['post', '/consoles/none/token'],
      ] as const) {
        const answer = await api()[method](`/api/v1${path}`).auth(portal, { type: 'bearer' });
        problemOfTest(answer, 404, 'console_not_found');
      }
      const redeem = await api().post('/api/v1/consoles/none/redeem').send({ key: 'any' });
      problemOfTest(redeem, 404, 'console_not_found');
    });
  });

  describe('a request', () => {
    it('from a page of another site is refused, whatever cookie it carries', async () => {
      const { agent } = await signIn('support');
      const foreign: [string, string][] = [
        ['Origin', 'https://evil.example'],
        ['Origin', 'null'],
        ['Origin', gateway.url.replace('http:', 'https:')],
        ['Sec-Fetch-Site', 'cross-site'],
        ['Sec-Fetch-Site', 'same-site'],
      ];
      for (const [header, value] of foreign) {
        const body = { machine: 'lab:desk' };
        const opening = await agent.post('/api/v1/consoles').set(header, value).send(body);
        problemOfTest(opening, 403, 'cross_site');
        problemOfTest(await agent.post('/api/v1/logout').set(header, value), 403, 'cross_site');
      }
      const own = agent.post('/api/v1/consoles').set('Origin', gateway.url);
      await own.set('Sec-Fetch-Site', 'same-origin').send({ machine: 'lab:desk' }).expect(201);
    });

    it('with a body that is not JSON is 415, with broken JSON 400, with too much 413', async () => {
      const to = () => api().post('/api/v1/consoles').auth(portal, { type: 'bearer' });
      const form = await to().type('form').send({ machine: 'lab:desk' });
      problemOfTest(form, 415, 'unsupported_media_type');
      const plain = await to().type('text/plain').send('{"machine":"lab:desk"}');
      problemOfTest(plain, 415, 'unsupported_media_type');
      for (const broken of ['{"machine":', 'null', '"text"', '[]']) {
        const answer = await to().type('application/json').send(broken);
        problemOfTest(answer, 400, 'invalid_request');
      }
      const large = await to().send({ machine: 'x'.repeat(70_000) });
      problemOfTest(large, 413, 'payload_too_large');
      const encoded = to().type('application/json').set('Content-Encoding', 'compress').send('{}');
      problemOfTest(await encoded, 415, 'unsupported_media_type');
    });

    it('to a path that is not there is 404, with a method that is not there 405', async () => {
      for (const path of ['/api/v1/none', '/api/none', '/none', '/assets/none.js', '/console']) {
        problemOfTest(await api().get(path), 404, 'not_found');
      }
      problemOfTest(await get('/consoles/%E0%A4%A'), 400, 'invalid_request');
      const wrong: ['get' | 'put' | 'patch' | 'delete' | 'post', string, string][] = [
        ['get', '/login', 'POST'],
        ['delete', '/me', 'GET'],
        ['put', '/machines', 'GET'],
        ['post', '/machines/lab%3Adesk', 'GET'],
        ['patch', '/consoles', 'GET, POST'],
        ['put', '/consoles/any', 'GET, DELETE'],
        ['get', '/consoles/any/token', 'POST'],
      ];
      for (const [method, path, allowed] of wrong) {
        const answer = await api()[method](`/api/v1${path}`).auth(portal, { type: 'bearer' });
        problemOfTest(answer, 405, 'method_not_allowed');
        assert.equal(answer.get('allow'), allowed, `${method} ${path}`);
      }
    });
  });

  describe('every answer', () => {
    it('carries headers that keep foreign code and foreign frames out', async () => {
      for (const path of ['/', '/api/v1/me', '/console/any', '/none']) {
        const answer = await api().get(path);
        const csp = answer.get('content-security-policy') ?? '';
        assert.match(csp, /default-src 'none'/, path);
        assert.match(csp, /script-src 'self'(;|$)/);
        assert.match(csp, /frame-ancestors 'none'/);
        assert.equal(answer.get('x-frame-options'), 'DENY');
        assert.match(csp, /base-uri 'none'/);
        assert.doesNotMatch(csp, /unsafe-/);
        assert.equal(answer.get('x-content-type-options'), 'nosniff');
        assert.match(answer.get('referrer-policy') ?? '', /no-referrer/);
        assert.equal(answer.get('x-powered-by'), undefined);
      }
    });

    it('of the API is kept in no cache', async () => {
      for (const path of ['/me', '/none']) {
        assert.equal((await get(path)).get('cache-control'), 'no-store');
      }
    });
  });

  describe('health', () => {
    it('healthz answers without asking anybody', async () => {
      await api().get('/healthz').expect(200, { status: 'ok' });
    });

    it('readyz names the part that is missing, until it is back', async () => {
      const ready = () => api().get('/readyz');
      await ready().expect(200);
      for (const [name, part] of [
        ['redis', redis],
        ['guacd', guacd],
      ] as const) {
        await part.kill();
        const missing = await until(
          async () => {
            const answer = await ready();
            return answer.status === 503 && (answer.body as { missing: string[] }).missing;
          },
          { timeout: 5000, what: `readyz without ${name}` },
        );
        assert.equal(missing.length, 1);
        assert.match(missing[0] ?? '', new RegExp(`^${name}: `));
        await api().get('/healthz').expect(200);
        await part.restart();
        await until(async () => (await ready()).status === 200, {
          timeout: 10_000,
          what: `readyz with ${name}`,
        });
      }
    });
  });

  async function sessionOf(sid: string) {
    const content = await redisContent(redis.url);
    return content.find(({ key }) => key === `rackside:session:${sid}`);
  }
});

function cookieOf(answer: Response): { line: string; pair: string; sid: string } {
  const line = sessionCookie(answer);
  const pair = line.split(';')[0] ?? '';
  const sid = /^rackside=s:([^.]+)\./.exec(decodeURIComponent(pair))?.[1];
  assert.ok(sid, `no session cookie in ${line}`);
  return { line, pair, sid };
}
