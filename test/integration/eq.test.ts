import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { before, describe, it } from 'mocha';
import { redeemAnswer } from '../../server/contract/index.ts';
import { cleanUp } from '../support/dispose.ts';
import { API_TOKENS, PASSWORDS, type TestConsole, TestGateway } from '../support/gateway.ts';
import { startGuacd } from '../support/guacd.ts';
import { logBook } from '../support/log-book.ts';
import { startRedis } from '../support/redis.ts';
import type { ServerProcess } from '../support/server-process.ts';
import { until } from '../support/until.ts';
import { startVnc } from '../support/vnc.ts';
import { assertSentence, problemOf } from './support/problem.ts';
import { redisContent } from './support/redis-content.ts';

const { portal, customer } = API_TOKENS;
const pin = () => logBook.secret(randomBytes(6).toString('hex'));
const PINS = { desk: pin(), shop: pin(), tried: pin(), gone: pin(), text: pin() };
const WRONG = 'not-the-pin';

interface Envelope {
  readonly result: string;
  readonly scope: string;
  readonly context: Record<string, string>;
  readonly debug: string;
  readonly key: string;
}

describe('POST /eq.php', () => {
  const suite = cleanUp();
  const each = cleanUp('each');
  let redis: ServerProcess & { url: string };
  let gateway: TestGateway;
  /** A replica that spells as older replies did. */
  let older: TestGateway;
  /** Without the section `hostkey`. */
  let bare: TestGateway;

  before(async function () {
    this.timeout(40_000);
    const [guacd, vnc, started] = await Promise.all([
      suite.start(startGuacd()),
      suite.start(startVnc()),
      suite.start(startRedis({ appendOnly: true })),
    ]);
    redis = started;
    const { host, port } = vnc;
    const ssh = { host, port: 1, username: 'x' };
    const desk = { ssh, vnc: { host, port, password: logBook.secret(vnc.password) } };
    const machines = [
      { id: 'desk', owner: 'alice', consoles: desk },
      { id: 'shop', owner: 'bob', consoles: { ssh } },
    ];
    const server = (id: string, machine: string, secret: string) => ({
      ...{ id, machine: `lab:${machine}`, location: 'NL', pin: secret },
    });
    const servers = [
      server('14494', 'desk', PINS.desk),
      server('20001', 'shop', PINS.shop),
      server('20002', 'desk', PINS.tried),
      server('20003', 'none', PINS.gone),
      server('007', 'shop', PINS.text),
    ];
    const options = { redis, guacd, machines };
    const start = (config: object) => suite.start(TestGateway.start({ ...options, config }));
    gateway = await start({ hostkey: { servers } });
    older = await start({ hostkey: { spelling: 'upper', servers } });
    bare = await start({});
  });

  const good = { action: 'novnc', token: customer, id: '14494', pin: PINS.desk };
  function post(form: object, { at = gateway, headers = {} } = {}): Promise<Response> {
    const body = new URLSearchParams(form as Record<string, string>);
    return fetch(`${at.url}/eq.php`, { method: 'POST', body, headers, redirect: 'manual' });
  }

  async function refused(answer: Response, code: string, status = 200): Promise<Envelope> {
    const text = await answer.text();
    assert.equal(answer.status, status, text);
    assert.match(answer.headers.get('content-type') ?? '', /^application\/json\b/);
    logBook.assertHoldsNoSecret(text, 'an answer of eq.php');
    const body = JSON.parse(text) as Envelope;
    assert.deepEqual(Object.keys(body), ['result', 'scope', 'context', 'debug', 'key']);
    assert.deepEqual([body.result, body.context['code']], ['ERROR', code], text);
    assert.deepEqual(Object.keys(body.context), ['action', 'id', 'location', 'code']);
    assert.equal(body.debug, 'debug');
    assert.match(body.key, /^[0-9a-f]{32}$/);
    assertSentence(body.scope);
    return body;
  }

  /** Follows the URL as the page does. */
  async function arrive(url: string): Promise<TestConsole> {
    const { origin, pathname, hash } = new URL(url);
    assert.equal(origin, gateway.url);
    const id = /^\/console\/([\w-]+)$/.exec(pathname)?.[1] ?? '';
    const launchKey = logBook.secret(hash.slice(1));
    const body = { key: launchKey };
    const answer = await gateway.call('POST', `/consoles/${id}/redeem`, { body });
    const { bearer, console: view } = redeemAnswer.parse(await answer.json());
    return { ...view, url, launchKey, bearer: logBook.secret(bearer) };
  }

  it('answers as it always did, with the URL of a console that shows the screen', async () => {
    const answer = await post(good);
    assert.equal(answer.status, 200);
    assert.match(answer.headers.get('content-type') ?? '', /^application\/json\b/);
    assert.equal(answer.headers.get('cache-control'), 'no-store');
    const body = (await answer.json()) as Envelope;
    assert.deepEqual(Object.keys(body), ['result', 'scope', 'context', 'debug', 'key']);
    const { scope, key, ...rest } = body;
    assert.deepEqual(rest, {
      result: 'OK',
      context: { action: 'novnc', id: '14494', location: 'NL' },
      debug: 'debug',
    });
    assert.match(key, /^[0-9a-f]{32}$/);
    const opened = await arrive(scope);
    assert.deepEqual(
      [opened.machine, opened.kind, opened.user, opened.readOnly],
      ['lab:desk', 'vnc', 'alice', false],
    );
    const tunnel = each.add(await gateway.tunnel(opened));
    await tunnel.pictured();
  });

  it('spells debug and key as older replies did, where that is configured', async () => {
    const fine = (await (await post(good, { at: older })).json()) as object;
    const wrong = (await (await post({ ...good, id: '1' }, { at: older })).json()) as object;
    for (const body of [fine, wrong]) {
      assert.deepEqual(Object.keys(body), ['result', 'scope', 'context', 'Debug', 'Key']);
    }
  });

  it('gives another key and another console each time', async () => {
    const answers = await Promise.all([post(good), post(good), post(good)]);
    const bodies = (await Promise.all(answers.map((one) => one.json()))) as Envelope[];
    assert.equal(new Set(bodies.map(({ key }) => key)).size, 3);
    assert.equal(new Set(bodies.map(({ scope }) => scope)).size, 3);
  });

  it('takes a token of staff for any server, an id with leading zeros, and what else is sent', async () => {
    const form = { ...good, token: portal, id: '007', pin: PINS.text, lang: 'ru' };
    const body = (await (await post(form)).json()) as Envelope;
    assert.deepEqual(body.context, { action: 'novnc', id: '007', location: 'NL' });
    const opened = await arrive(body.scope);
    assert.deepEqual([opened.machine, opened.kind, opened.user], ['lab:shop', 'ssh', 'portal']);
  });

  describe('refuses in the same envelope', () => {
    it('a token that is not known', async () => {
      for (const token of ['nobody', customer.slice(1), PASSWORDS.admin]) {
        await refused(await post({ ...good, token }), 'unauthenticated');
      }
    });

    it('a server that is unknown, gone or somebody else’s, all alike', async () => {
      const unknown = await refused(await post({ ...good, id: '99' }), 'machine_not_found');
      const others = await refused(
        await post({ ...good, id: '20001', pin: PINS.shop }),
        'machine_not_found',
      );
      const gone = await refused(
        await post({ ...good, id: '20003', pin: PINS.gone }),
        'machine_not_found',
      );
      assert.equal(others.scope, unknown.scope.replace('99', '20001'));
      assert.equal(gone.scope, unknown.scope.replace('99', '20003'));
      assert.deepEqual(others.context, {
        action: 'novnc',
        id: '20001',
        location: '',
        code: 'machine_not_found',
      });
    });

    it('a form that says too little, too much or nothing', async () => {
      const { action, token, id } = good;
      for (const form of [
        {},
        { action, token, id },
        { ...good, action: 'reboot' },
        { ...good, id: 'abc' },
        { ...good, id: '' },
        { ...good, pin: '' },
      ]) {
        await refused(await post(form), 'invalid_request');
      }
      const twice = new URLSearchParams(good);
      twice.append('id', '20001');
      await refused(await send(twice), 'invalid_request');
      await refused(await post({ ...good, token: 'x'.repeat(10_000) }), 'payload_too_large');
    });

    it('what is no form', async () => {
      const json = { 'content-type': 'application/json' };
      await refused(await send(JSON.stringify(good), json), 'unsupported_media_type');
      await refused(await send(null), 'unsupported_media_type');
      const inQuery = `${gateway.url}/eq.php?${new URLSearchParams(good).toString()}`;
      await refused(await fetch(inQuery, { method: 'POST' }), 'unsupported_media_type');
    });

    it('a wrong pin, and after ten of them the right one too, on every replica', async () => {
      const form = { ...good, id: '20002', pin: PINS.tried };
      const wrong = { ...form, pin: WRONG };
      const answers = await Promise.all(Array.from({ length: 9 }, () => post(wrong)));
      for (const answer of answers) await refused(answer, 'credentials_invalid');
      for (let n = 0; n < 12; n += 1) {
        const fine = (await (await post(form)).json()) as Envelope;
        assert.equal(fine.result, 'OK', 'right ones are not counted');
      }
      await refused(await post(wrong), 'credentials_invalid');
      const late = await post(form);
      const wait = Number(late.headers.get('retry-after'));
      assert.ok(wait > 880 && wait <= 900, `Retry-After: ${wait}`);
      await refused(late, 'rate_limited');
      const there = (await (await post(form, { at: older })).json()) as Envelope;
      assert.equal(there.context['code'], 'rate_limited');
      const another = (await (await post(good)).json()) as Envelope;
      assert.equal(another.result, 'OK', 'another server is not concerned');
      const tries = (await redisContent(redis.url)).filter(({ key }) => key.endsWith(':20002'));
      assert.equal(tries.length, 1);
      assert.ok(tries.every(({ ttl }) => ttl > 800 && ttl <= 900));
    });

    it('whoever may not use the server, before its pin is looked at', async () => {
      const before = await triesOf('20001');
      await refused(await post({ ...good, id: '20001', pin: WRONG }), 'machine_not_found');
      const stranger = { ...good, id: '20001', token: 'nobody', pin: WRONG };
      await refused(await post(stranger), 'unauthenticated');
      assert.equal(await triesOf('20001'), before);
    });

    it('with 503 while Redis is away, and works when Redis is back', async () => {
      await redis.kill();
      await refused(await post(good), 'redis_unavailable', 503);
      await redis.restart();
      const works = async () => (await post(good)).status === 200;
      await until(works, { timeout: 10_000, what: 'a console' });
    });
  });

  it('refuses a browser that a page of another site sends', async () => {
    for (const headers of [
      { origin: 'https://evil.example' },
      { origin: 'null' },
      { 'sec-fetch-site': 'cross-site' },
      { 'sec-fetch-site': 'same-site' },
    ]) {
      await problemOf(await post(good, { headers }), 403, 'cross_site');
    }
    const own = await post(good, { headers: { origin: gateway.url } });
    assert.equal(((await own.json()) as Envelope).result, 'OK');
  });

  it('has no other method, and is not there without its configuration', async () => {
    await problemOf(await fetch(`${gateway.url}/eq.php`), 405, 'method_not_allowed');
    await problemOf(await post(good, { at: bare }), 404, 'not_found');
    await problemOf(await fetch(`${bare.url}/eq.php`), 404, 'not_found');
  });

  function send(body: RequestInit['body'] | null, headers = {}): Promise<Response> {
    return fetch(`${gateway.url}/eq.php`, { method: 'POST', body: body ?? null, headers });
  }

  async function triesOf(server: string): Promise<string | undefined> {
    const content = await redisContent(redis.url);
    return content.find(({ key }) => key.endsWith(`:pin:${server}`))?.text;
  }
});
