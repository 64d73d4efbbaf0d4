import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createSecretKey, randomBytes } from 'node:crypto';
import { SignJWT } from 'jose';
import { before, describe, it } from 'mocha';
import { cleanUp } from '../support/dispose.ts';
import { API_TOKENS, TestGateway, type TestGatewayOptions } from '../support/gateway.ts';
import { logBook } from '../support/log-book.ts';
import { startRedis } from '../support/redis.ts';
import type { ServerProcess } from '../support/server-process.ts';
import { until } from '../support/until.ts';
import { GatewayProcess } from './support/gateway-process.ts';
import { startLab } from './support/lab.ts';
import { problemOf } from './support/problem.ts';
import { type Answering, Receiver } from './support/receiver.ts';
import { redisContent } from './support/redis-content.ts';

const SECRET = logBook.secret(randomBytes(32).toString('base64'));
const ISSUER_SECRET = logBook.secret(randomBytes(24).toString('hex'));

describe('a close URL', () => {
  const suite = cleanUp();
  const each = cleanUp('each');
  let redis: ServerProcess & { url: string };
  let options: TestGatewayOptions;

  before(async function () {
    this.timeout(40_000);
    const lab = await startLab(suite);
    redis = await suite.start(startRedis({ appendOnly: true }));
    const vnc = Object.values(lab.machines[0] ?? {})[1] as { vnc: object };
    const password = logBook.secret('not the password');
    const locked = { id: 'locked', consoles: { vnc: { ...vnc.vnc, password } } };
    options = { ...lab, redis, machines: [...lab.machines, locked] };
  });

  const receive = (answering?: Answering) => each.start(Receiver.start(answering));
  const configOf = (receiver: Receiver, more: object = {}, consoles: object = {}) => ({
    closeUrls: { secret: SECRET, allow: [receiver.origin], timeout: 2, backoff: 1, ...more },
    consoles,
    launch: [{ issuer: 'portal', algorithm: 'HS256', secret: ISSUER_SECRET }],
  });
  const gatewayWith = (config: object) => each.start(TestGateway.start({ ...options, config }));

  const open = (gateway: TestGateway, receiver: Receiver, more: object = {}) =>
    gateway.openRedeemed({
      machine: 'lab:desk',
      user: 'alice',
      closeUrl: `${receiver.origin}/closed?ticket=7`,
      ...more,
    });
  const kill = (gateway: TestGateway, { id }: { id: string }) =>
    gateway.call('DELETE', `/consoles/${id}`, { as: API_TOKENS.portal });

  /** Nothing is left to be called. */
  const settled = (timeout = 10_000) =>
    until(
      async () => !(await redisContent(redis.url)).some(({ key }) => key.includes('close-call')),
      { timeout, what: 'no call to be left' },
    );

  it('is called once, by one of two replicas, and proves who calls', async () => {
    const receiver = await receive();
    const config = configOf(receiver);
    const [one] = [await gatewayWith(config), await gatewayWith(config)];
    const opened = await open(one, receiver);
    assert.ok(!JSON.stringify(await one.view(opened.id)).includes('ticket'));
    await Promise.all([kill(one, opened), kill(one, opened)]);
    await settled();
    const [call, ...more] = receiver.calls;
    assert.ok(call);
    assert.deepEqual(more, []);
    assert.deepEqual([call.method, call.path], ['POST', '/closed?ticket=7']);
    assert.equal(call.headers['content-type'], 'application/json');
    const told = JSON.parse(call.body) as Record<string, unknown>;
    assert.deepEqual(
      [told['console'], told['machine'], told['user'], told['reason']],
      [opened.id, 'lab:desk', 'alice', 'killed'],
    );
    assert.equal(told['openedAt'], opened.createdAt);
    assert.equal(call.headers['webhook-id'], told['id']);
    const timestamp = String(call.headers['webhook-timestamp']);
    assert.ok(Math.abs(Number(timestamp) - Date.now() / 1000) < 5);
    assert.equal(
      call.headers['webhook-signature'],
      `v1,${macOf(`${String(told['id'])}.${timestamp}.${call.body}`)}`,
    );
  });

  it('hears of every way in which a console closes', async () => {
    const receiver = await receive();
    const gateway = await gatewayWith(configOf(receiver, {}, { idle: 1 }));
    const ended = await open(gateway, receiver);
    await gateway.call('DELETE', `/consoles/${ended.id}`, { as: ended.bearer });
    const expired = await open(gateway, receiver, { ttl: 1 });
    const idle = await open(gateway, receiver);
    await each.add(await gateway.tunnel(idle)).pictured();
    const failed = await open(gateway, receiver, { machine: 'lab:locked' });
    await each.add(await gateway.tunnel(failed)).closed;
    await until(() => receiver.calls.length === 4, { timeout: 10_000, what: 'four calls' });
    await settled();
    const reasons = receiver.calls.map(({ body }) => {
      const { console: id, reason, error } = JSON.parse(body) as Record<string, unknown>;
      return [id, reason, (error as { code: string } | null)?.code ?? null] as const;
    });
    const byId = new Map(reasons.map(([id, ...why]) => [id, why]));
    assert.deepEqual(byId.get(ended.id), ['ended', null]);
    assert.deepEqual(byId.get(expired.id), ['expired', null]);
    assert.deepEqual(byId.get(idle.id), ['idle', null]);
    assert.deepEqual(byId.get(failed.id), ['failed', 'target_credentials_refused']);
  });

  it('is called again after an error and after an answer that does not come', async () => {
    const receiver = await receive((response, call) => {
      if (call === 0) response.writeHead(500).end('x'.repeat(1_000_000));
      if (call === 2) response.writeHead(200).end('thanks');
    });
    const gateway = await gatewayWith(configOf(receiver, { timeout: 1 }));
    await kill(gateway, await open(gateway, receiver));
    await settled();
    assert.equal(receiver.calls.length, 3);
    for (const { path, headers, body } of receiver.calls) {
      assert.equal(path, '/closed?ticket=7');
      assert.equal(headers['webhook-id'], receiver.calls[0]?.headers['webhook-id']);
      assert.equal(body, receiver.calls[0]?.body);
    }
  });

  it('follows no redirection, and is given up after so many tries, which the log says', async () => {
    const receiver = await receive((response) =>
      response.writeHead(307, { location: '/elsewhere' }).end(),
    );
    const gateway = await gatewayWith(configOf(receiver, { tries: 2 }));
    const opened = await open(gateway, receiver);
    await kill(gateway, opened);
    await settled();
    const paths = receiver.calls.map(({ path }) => path);
    assert.deepEqual(paths, ['/closed?ticket=7', '/closed?ticket=7']);
    assert.match(logBook.text, new RegExp(`"closeCall":"close_${opened.id}".*close URL given up`));
    assert.ok(!logBook.text.includes('ticket=7'));
  });

  it('is called by another replica when one is killed during the call', async function () {
    this.timeout(60_000);
    const receiver = await receive((response, call) => {
      if (call > 0) response.writeHead(204).end();
    });
    const config = configOf(receiver, { timeout: 1 });
    const first = await each.start(GatewayProcess.serve({ ...options, config }));
    await kill(first, await open(first, receiver));
    await until(() => receiver.calls.length === 1, { timeout: 10_000, what: 'the first call' });
    await first.signal('SIGKILL');
    await gatewayWith(config);
    await settled(20_000);
    assert.equal(receiver.calls.length, 2);
    const [once, again] = receiver.calls;
    assert.equal(once?.headers['webhook-id'], again?.headers['webhook-id']);
  });

  it('hears of a console whose time ran out while everything was down', async function () {
    this.timeout(60_000);
    const receiver = await receive();
    const config = configOf(receiver, {}, { ttl: 2 });
    const first = await each.start(GatewayProcess.serve({ ...options, config }));
    const opened = await open(first, receiver);
    const closed = await open(first, receiver, { ttl: 600 });
    await receiver.stop();
    await kill(first, closed);
    await first.signal('SIGKILL');
    await redis.restart();
    const over = Date.parse(opened.expiresAt) + 1000;
    await until(() => Date.now() > over, { timeout: 5000, what: 'the deadline' });
    await receiver.listen();
    await gatewayWith(config);
    await until(() => receiver.calls.length >= 2, { timeout: 20_000, what: 'both calls' });
    await settled();
    const told = receiver.calls.map(({ body }) => JSON.parse(body) as Record<string, unknown>);
    const byId = new Map(told.map(({ console: id, ...rest }) => [id, rest]));
    assert.deepEqual(
      [byId.get(opened.id)?.['reason'], byId.get(opened.id)?.['closedAt']],
      ['expired', opened.expiresAt],
    );
    assert.equal(byId.get(closed.id)?.['reason'], 'killed');
    assert.equal(told.length, 2);
  });

  it('comes in a launch link too', async () => {
    const receiver = await receive();
    const gateway = await gatewayWith(configOf(receiver));
    const link = (closeUrl: string) =>
      new SignJWT({ machine: 'lab:desk', closeUrl })
        .setProtectedHeader({ alg: 'HS256' })
        .setIssuer('portal')
        .setSubject('alice')
        .setJti(randomBytes(9).toString('hex'))
        .setExpirationTime('1m')
        .sign(createSecretKey(Buffer.from(ISSUER_SECRET)));
    const follow = async (jwt: string) =>
      fetch(`${gateway.url}/launch?jwt=${logBook.secret(jwt)}`, { redirect: 'manual' });
    const answer = await follow(await link(`${receiver.origin}/launched`));
    const location = new URL(answer.headers.get('location') ?? '');
    logBook.secret(location.hash.slice(1));
    await kill(gateway, { id: location.pathname.split('/').at(-1) ?? '' });
    await settled();
    assert.deepEqual(
      receiver.calls.map(({ path }) => path),
      ['/launched'],
    );
    const refused = await follow(await link('http://127.0.0.1:9/'));
    await problemOf(refused, 400, 'invalid_request');
  });

  it('is for those to name whom the gateway trusts, and for no other place', async () => {
    const receiver = await receive();
    const gateway = await gatewayWith(configOf(receiver));
    const ask = (closeUrl: unknown, as = API_TOKENS.portal, at = gateway) =>
      at.call('POST', '/consoles', { as, body: { machine: 'lab:desk', closeUrl } });
    await problemOf(await ask(receiver.origin, API_TOKENS.customer), 403, 'forbidden');
    for (const closeUrl of ['http://127.0.0.1:9/', 'ftp://127.0.0.1/', 'here', '', 7, null]) {
      await problemOf(await ask(closeUrl), 400, 'invalid_request');
    }
    const silent = await gatewayWith({});
    const why = await problemOf(
      await ask(receiver.origin, API_TOKENS.portal, silent),
      400,
      'invalid_request',
    );
    assert.match(why.detail, /closeUrls is not configured/);
  });

  it('whose name leads into our own network is not called', async () => {
    const receiver = await receive();
    const gateway = await gatewayWith({ closeUrls: { secret: SECRET, tries: 1 } });
    const url = receiver.origin.replace('127.0.0.1', 'localhost');
    const opened = await open(gateway, receiver, { closeUrl: url });
    await kill(gateway, opened);
    await settled();
    assert.deepEqual(receiver.calls, []);
    assert.match(logBook.text, new RegExp(`close_${opened.id}".*localhost: .* no public address`));
  });
});

/** HMAC-SHA256 by another implementation than ours. */
function macOf(text: string): string {
  const key = Buffer.from(SECRET, 'base64').toString('hex');
  const args = ['dgst', '-sha256', '-mac', 'HMAC', '-macopt', `hexkey:${key}`, '-binary'];
  return execFileSync('openssl', args, { input: text }).toString('base64');
}
