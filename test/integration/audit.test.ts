import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readFile, rename, stat } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { createClient } from '@node-redis/client';
import jwt from 'jsonwebtoken';
import { before, describe, it } from 'mocha';
import type { AuditRecord } from '../../server/contract/index.ts';
import { cleanUp } from '../support/dispose.ts';
import {
  API_TOKENS,
  PASSWORDS,
  TestGateway,
  type TestGatewayOptions,
  testConfig,
} from '../support/gateway.ts';
import { logBook } from '../support/log-book.ts';
import type { ServerProcess } from '../support/server-process.ts';
import { makeTempDir } from '../support/temp-dir.ts';
import { until } from '../support/until.ts';
import { auditOf, auditPage, auditTrail, momentLater } from './support/audit.ts';
import { GatewayProcess } from './support/gateway-process.ts';
import { startLab } from './support/lab.ts';
import { problemOf } from './support/problem.ts';
import { redeem, share, watch } from './support/sharing.ts';
import { upgrade } from './support/upgrade.ts';

const ADMIN = logBook.secret(randomBytes(18).toString('base64url'));

const PIN = logBook.secret(randomBytes(6).toString('hex'));
const SIGNING = logBook.secret(randomBytes(32).toString('hex'));

const LOOPBACK = '127.0.0.1';

describe('the audit trail', () => {
  const suite = cleanUp();
  const each = cleanUp('each');
  let redis: ServerProcess & { readonly url: string };
  let options: TestGatewayOptions;
  let gateway: TestGateway;
  let dir: string;

  before(async function () {
    this.timeout(40_000);
    const lab = await startLab(suite);
    redis = lab.redis;
    dir = (await suite.start(makeTempDir('audit'))).path;
    const { apiTokens } = (await testConfig(lab)) as { apiTokens: object[] };
    const tokenHash = createHash('sha256').update(ADMIN).digest('hex');
    options = {
      ...lab,
      config: {
        apiTokens: [...apiTokens, { name: 'root', role: 'admin', tokenHash }],
        hostkey: { servers: [{ id: '7', machine: 'lab:desk', location: 'NL', pin: PIN }] },
        launch: [{ issuer: 'shop', algorithm: 'HS256', secret: SIGNING }],
      },
    };
    gateway = await suite.start(start({ file: join(dir, 'shared.log') }));
  });

  function start(audit: object = {}, consoles: object = {}): Promise<TestGateway> {
    return TestGateway.start({ ...options, config: { ...options.config, audit, consoles } });
  }

  const of = (query: string, count: number) => auditOf(gateway, ADMIN, query, count);
  const said = ({ action, who, via, result }: AuditRecord) => [action, who, via, result].join(' ');

  it('tells a console’s whole life: who, by which door, from where, what', async () => {
    const began = Date.now();
    const opened = await gateway.openRedeemed({ machine: 'lab:desk', user: 'carol' });
    const tunnel = each.add(await gateway.tunnel(opened));
    await tunnel.pictured();
    const path = `/consoles/${opened.id}`;
    await gateway.call('POST', `${path}/extend`, { as: opened.bearer, body: {} });
    await gateway.call('POST', `${path}/extend`, { as: API_TOKENS.portal, body: { seconds: 60 } });
    await gateway.call('DELETE', path, { as: API_TOKENS.portal });
    await tunnel.closed;
    const story = await of(`console=${opened.id}`, 6);
    assert.deepEqual(story.map(said), [
      'open portal token ok',
      'redeem carol console ok',
      'connect carol console ok',
      'extend carol console ok',
      'extend portal token ok',
      'close portal token ok',
    ]);
    assert.deepEqual(
      story.map(({ detail }) => detail?.replace(/until .*/, 'until …') ?? null),
      ['vnc, for carol', null, 'vnc', 'until …', 'until …', 'killed'],
    );
    for (const { machine, from, at } of story) {
      assert.deepEqual([machine, from], ['lab:desk', LOOPBACK]);
      assert.ok(Date.parse(at) >= began && Date.parse(at) <= Date.now());
    }
  });

  it('tells which address a browser has behind a trusted proxy', async () => {
    const { config } = options as { config: object };
    const behind = await each.start(
      TestGateway.start({
        ...options,
        config: { ...config, listen: { port: 0, trustedProxies: [LOOPBACK] } },
      }),
    );
    const headers = { 'x-forwarded-for': '203.0.113.7' };
    const opened = await behind.openRedeemed({ machine: 'lab:desk' });
    await behind.call('DELETE', `/consoles/${opened.id}`, { as: `${API_TOKENS.portal}x`, headers });
    const tunnel = each.add(await behind.tunnel(opened, headers));
    await tunnel.pictured();
    const story = await of(`console=${opened.id}`, 4);
    assert.deepEqual(
      story.slice(2).map(({ action, from }) => [action, from]),
      [
        ['close', '203.0.113.7'],
        ['connect', '203.0.113.7'],
      ],
    );
  });

  it('tells the address of who follows a launch link and hangs up at once', async () => {
    const claims = { iss: 'shop', sub: 'hasty', machine: 'lab:desk', jti: 'hasty' };
    const link = logBook.secret(jwt.sign(claims, SIGNING, { expiresIn: 60 }));
    const { hostname, port } = new URL(gateway.url);
    const socket = connect(Number(port), hostname);
    socket.write(`GET /healthz HTTP/1.1\r\nHost: ${hostname}\r\n\r\n`);
    await once(socket, 'data');
    socket.write(`GET /launch?jwt=${link} HTTP/1.1\r\nHost: ${hostname}\r\n\r\n`, () =>
      socket.resetAndDestroy(),
    );
    const [opened] = await of('who=hasty', 1);
    assert.deepEqual([opened?.action, opened?.via, opened?.from], ['open', 'launch', LOOPBACK]);
  });

  it('tells what was refused, to whom, and why', async () => {
    const as = API_TOKENS.customer;
    const since = await momentLater();
    const post = (path: string, body: object, token?: string) =>
      gateway.call('POST', path, { body, ...(token === undefined ? {} : { as: token }) });
    await post('/consoles', { machine: 'lab:desk' }, as);
    await post('/consoles', { machine: 'lab:nowhere' }, API_TOKENS.portal);
    await post('/consoles', { machine: 'lab:desk', kind: 'ssh' }, API_TOKENS.portal);
    await post('/consoles', { machine: 'lab:desk' }, `${as}x`);
    const created = await gateway.open({ machine: 'lab:desk', user: 'carol' });
    const path = `/consoles/${created.id}`;
    await post(`${path}/redeem`, { key: 'not the key at all' });
    const { bearer } = (await (
      await post(`${path}/redeem`, { key: created.launchKey })
    ).json()) as { bearer: string };
    const opened = { ...created, bearer: logBook.secret(bearer) };
    await post(`${path}/redeem`, { key: created.launchKey });
    await post(`${path}/extend`, {}, as);
    await gateway.call('DELETE', path, { as });
    const { token } = await gateway.token(opened);
    await upgrade(gateway.url, { path: `/tunnel?token=${token}` });
    assert.equal((await upgrade(gateway.url, { path: `/tunnel?token=${token}` })).status, 410);
    const late = await gateway.token(opened);
    await gateway.call('DELETE', path, { as: opened.bearer });
    await upgrade(gateway.url, { path: `/tunnel?token=${late.token}` });
    await post(`${path}/token`, {}, opened.bearer);
    await problemOf(await gateway.call('GET', '/audit', { as }), 403, 'forbidden');
    await problemOf(await gateway.call('GET', '/audit'), 401, 'unauthenticated');
    const refused = await of(`result=refused&since=${since}`, 13);
    assert.deepEqual(
      refused.map((record) => `${said(record)} ${record.machine ?? '-'}`),
      [
        'open alice token forbidden lab:desk',
        'open portal token machine_not_found lab:nowhere',
        'open portal token console_kind_unavailable lab:desk',
        'open - token unauthenticated lab:desk',
        'redeem - session launch_key_invalid lab:desk',
        'redeem - session launch_key_used lab:desk',
        'extend alice token forbidden lab:desk',
        'close alice token forbidden lab:desk',
        'connect carol console token_used lab:desk',
        'connect carol console console_ended lab:desk',
        'connect carol console console_ended lab:desk',
        'audit alice token forbidden -',
        'audit - session unauthenticated -',
      ].map((line) => line.replace(' - ', '  ')),
    );
  });

  it('keeps nothing of what is no name, no machine and no console', async () => {
    const since = await momentLater();
    const pasted = logBook.secret('a password in the wrong field');
    await gateway.call('POST', '/consoles', { as: API_TOKENS.portal, body: { machine: pasted } });
    await gateway.call('DELETE', `/consoles/${encodeURIComponent(pasted)}`, { as: ADMIN });
    const [open, close] = await of(`result=refused&since=${since}`, 2);
    assert.deepEqual([open?.machine, close?.console], [null, null]);
  });

  it('keeps the name of a refused sign-in where it is somebody’s, in the log too', async () => {
    const since = await momentLater();
    const signIn = (username: string) =>
      gateway.call('POST', '/login', { body: { username, password: 'not it' } });
    const swapped = logBook.secret('my password, one field too early');
    for (const name of ['alice', swapped]) {
      await problemOf(await signIn(name), 401, 'credentials_invalid');
    }
    const refused = await of(`action=login&since=${since}`, 2);
    assert.deepEqual(
      refused.map(({ who }) => who),
      ['alice', null],
    );
    const lines = logBook.text.split('\n').filter((line) => line.includes('"sign-in refused"'));
    assert.deepEqual(
      lines.slice(-2).map((line) => (JSON.parse(line) as { user?: string }).user),
      ['alice', undefined],
    );
    logBook.assertHoldsNoSecret(JSON.stringify(refused), 'the trail');
  });

  it('counts what a flood of refusals has too much, and loses nothing of others for it', async () => {
    const since = await momentLater();
    const flooded = await each.start(start());
    const knock = () => flooded.call('POST', '/consoles', { body: { machine: 'lab:desk' } });
    await Promise.all(Array.from({ length: 40 }, knock));
    const refuse = (path: string) => flooded.call('POST', path, { as: API_TOKENS.customer });
    await problemOf(await refuse('/consoles/none/approve'), 404, 'console_not_found');
    const opened = await flooded.open({ machine: 'lab:desk' });
    await flooded.stop();
    const story = await of(`since=${since}`, 13);
    const strangers = story.filter(({ who, via }) => who === null && via !== 'gateway');
    assert.equal(strangers.length, 10);
    assert.deepEqual(
      story.slice(10).map((record) => `${said(record)} ${record.from ?? '-'}`),
      [
        `approve alice token console_not_found ${LOOPBACK}`,
        `open portal token ok ${LOOPBACK}`,
        `open  gateway rate_limited ${LOOPBACK}`,
      ],
    );
    assert.equal(story[11]?.console, opened.id);
    assert.match(story[12]?.detail ?? '', /^30 more refused in the same minute.*: open 30$/);
  });

  it('tells once, and by the gateway, that a console’s time was over', async () => {
    const limits = { ttl: 1, maxTtl: 10 };
    const [one, other] = [await each.start(start({}, limits)), await each.start(start({}, limits))];
    const opened = await Promise.all(
      [one, other, one, other].map((replica) => replica.open({ machine: 'lab:desk' })),
    );
    for (const { id } of opened) {
      const [, close, ...more] = await of(`console=${id}`, 2);
      assert.ok(close);
      assert.deepEqual(
        [said(close), close.from, close.detail],
        ['close  gateway ok', null, 'expired'],
      );
      assert.deepEqual(more, []);
    }
  });

  it('has the order in which a console was changed, whichever replica did it', async function () {
    this.timeout(40_000);
    // A process of its own: in one process one event loop would put all in order.
    const other = await each.start(GatewayProcess.serve(options));
    const opened = await gateway.openRedeemed({ machine: 'lab:desk', ttl: 60 });
    const path = `/consoles/${opened.id}`;
    const extend = async (index: number) => {
      const replica = index % 2 === 0 ? gateway : other;
      const answer = await replica.call('POST', `${path}/extend`, {
        as: opened.bearer,
        body: { seconds: 1 },
      });
      return answer.status;
    };
    const first = await Promise.all(Array.from({ length: 40 }, (_, index) => extend(index)));
    const [statuses] = await Promise.all([
      Promise.all(Array.from({ length: 40 }, (_, index) => extend(index))),
      other.call('DELETE', path, { as: opened.bearer }),
    ]);
    const done = [...first, ...statuses].filter((status) => status === 200).length;
    const story = await auditTrail(gateway, ADMIN, `console=${opened.id}&result=ok`);
    assert.deepEqual(
      story.map(({ action }) => action),
      ['open', 'redeem', ...Array.from({ length: done }, () => 'extend'), 'close'],
    );
    const began = Date.parse(opened.expiresAt);
    const deadlines = story
      .filter(({ action }) => action === 'extend')
      .map(({ detail }) => Date.parse(detail?.replace('until ', '') ?? '') - began);
    assert.deepEqual(
      deadlines,
      Array.from({ length: done }, (_, index) => (index + 1) * 1000),
    );
  });

  it('gets the entry of a change from the script that makes the change, or neither', async () => {
    const opened = await gateway.openRedeemed({ machine: 'lab:desk' });
    const watching = createClient({ url: redis.url });
    watching.on('error', () => undefined);
    await watching.connect();
    each.add(() => watching.destroy());
    const appended: string[] = [];
    await watching.monitor((line) => {
      if (line.includes('"XADD" "rackside:audit"')) appended.push(line);
    });
    await gateway.call('POST', `/consoles/${opened.id}/extend`, { as: opened.bearer, body: {} });
    await gateway.call('DELETE', `/consoles/${opened.id}`, { as: opened.bearer });
    await until(() => appended.length >= 2, { timeout: 3000, what: 'two entries' });
    for (const line of appended) assert.match(line, / lua\] .*\b(extend|close)\b/);
  });

  it('is written as one JSON line each, by the replica where it happened, to a file of its own', async () => {
    const files = [join(dir, 'one.log'), join(dir, 'other.log')];
    const [one, other] = await Promise.all(files.map((file) => each.start(start({ file }))));
    assert.ok(one && other);
    const { id } = await one.open({ machine: 'lab:desk' });
    await other.call('DELETE', `/consoles/${id}`, { as: API_TOKENS.portal });
    await one.call('DELETE', `/consoles/${id}`, { as: API_TOKENS.customer });
    const story = await of(`console=${id}`, 3);
    await one.stop();
    await other.stop();
    const lines = (await Promise.all(files.map(linesOf))).flat();
    assert.deepEqual(lines.filter((line) => line.console === id).length, 3);
    const merged = lines.toSorted((a, b) => (a.id < b.id ? -1 : 1));
    assert.deepEqual(
      merged.filter((line) => line.console === id),
      story,
    );
    assert.equal((await stat(files[0] ?? '')).mode & 0o777, 0o600);
  });

  it('goes on in a new file when the old one was rotated away, or at SIGHUP', async () => {
    const file = join(dir, 'rotated.log');
    const rotating = await each.start(start({ file }));
    const first = await rotating.open({ machine: 'lab:desk' });
    await written(file, first.id);
    await rename(file, `${file}.1`);
    process.kill(process.pid, 'SIGHUP');
    await until(() => stat(file).then(Boolean, () => false), {
      timeout: 3000,
      what: 'the file after SIGHUP',
    });
    await rename(file, `${file}.2`);
    const second = await rotating.open({ machine: 'lab:desk' });
    await written(file, second.id);
    assert.deepEqual(
      (await linesOf(`${file}.1`)).map((line) => line.console),
      [first.id],
    );
    assert.deepEqual(
      (await linesOf(file)).map((line) => line.console),
      [second.id],
    );
  });

  it('is found by console, machine, person, action, result and time, page by page', async () => {
    const [one, two] = [
      await gateway.open({ machine: 'lab:desk', user: 'dora' }),
      await gateway.open({ machine: 'lab:desk', user: 'dora' }),
    ];
    await gateway.call('DELETE', `/consoles/${one.id}`, { as: API_TOKENS.portal });
    const all = await auditTrail(gateway, ADMIN);
    const matching = async (query: string, expected: (record: AuditRecord) => boolean) => {
      const found = await auditTrail(gateway, ADMIN, query);
      assert.deepEqual(found, all.filter(expected), query);
      assert.ok(found.length > 0, query);
    };
    await matching(`console=${two.id}`, ({ console: id }) => id === two.id);
    await matching('machine=LAB:*', ({ machine }) => machine?.startsWith('lab:') ?? false);
    await matching('who=port*', ({ who }) => who === 'portal');
    await matching('action=close', ({ action }) => action === 'close');
    await matching(
      'result=ok&action=open',
      (record) => said(record).endsWith('ok') && record.action === 'open',
    );
    const { at } = all.at(-3) ?? assert.fail();
    await matching(`since=${at}`, (record) => record.at >= at);
    await matching(`until=${at}`, (record) => record.at < at);
    await problemOf(
      await gateway.call('GET', '/audit?until=yesterday', { as: ADMIN }),
      400,
      'invalid_request',
    );
    const first = await auditPage(gateway, ADMIN, 'limit=2');
    const next = await auditPage(gateway, ADMIN, `limit=2&cursor=${first.next}`);
    const newest = all.toReversed().slice(0, 4);
    assert.deepEqual([...first.items, ...next.items], newest);
  });

  it('holds no secret, whatever was tried, in the stream, the file and the API', async () => {
    const signIn = (username: string, password: string) =>
      gateway.call('POST', '/login', { body: { username, password } });
    await signIn('alice', PASSWORDS.bob);
    await signIn('alice', PASSWORDS.alice);
    const since = await momentLater();
    const ask = (pin: string) =>
      fetch(`${gateway.url}/eq.php`, {
        method: 'POST',
        body: new URLSearchParams({ action: 'novnc', id: '7', token: API_TOKENS.portal, pin }),
      });
    await ask(logBook.secret('of another server'));
    const { scope } = (await (await ask(PIN)).json()) as { scope: string };
    logBook.secret(new URL(scope).hash.slice(1));
    const sign = (claims: object) =>
      jwt.sign(
        { iss: 'shop', sub: 'dora', jti: randomBytes(9).toString('hex'), ...claims },
        SIGNING,
        {
          expiresIn: 60,
        },
      );
    const follow = (link: string) =>
      fetch(`${gateway.url}/launch?jwt=${logBook.secret(link)}`, { redirect: 'manual' });
    const signed = sign({ machine: 'lab:desk' });
    const location = (await follow(signed)).headers.get('location') ?? '';
    logBook.secret(new URL(location).hash.slice(1));
    await follow(signed);
    await follow(`${signed}x`);
    await follow(sign({ machine: 'lab:gone' }));
    await of(`action=open&result=machine_not_found&since=${since}`, 1);
    const held = await gateway.openRedeemed({ machine: 'lab:desk', user: 'dora' });
    const passphrase = logBook.secret('four words of dora');
    const link = await share(gateway, held, { passphrase });
    const wrong = { passphrase: logBook.secret('the words of somebody else') };
    await problemOf(await redeem(gateway, held.id, link, wrong), 401, 'passphrase_wrong');
    await watch(gateway, held, link, { passphrase, name: 'root' });
    await gateway.call('DELETE', `/consoles/${held.id}/shares/${link.id}`, { as: held.bearer });
    const shared = await of(`console=${held.id}`, 6);
    assert.deepEqual(shared.map(said), [
      'open portal token ok',
      'redeem dora console ok',
      'share dora console ok',
      'redeem  session passphrase_wrong',
      'redeem  guest ok',
      'share dora console ok',
    ]);
    const opened = await of(`action=open&since=${since}`, 7);
    assert.deepEqual(
      opened.map((record) => `${said(record)} ${record.machine ?? '-'}`),
      [
        'open portal eq credentials_invalid lab:desk',
        'open portal eq ok lab:desk',
        'open dora launch ok lab:desk',
        'open dora launch launch_link_used lab:desk',
        'open  launch launch_link_invalid -',
        'open dora launch machine_not_found lab:gone',
        'open portal token ok lab:desk',
      ],
    );
    const trail = await auditTrail(gateway, ADMIN);
    assert.ok(trail.length > 30 && trail.some(({ action }) => action === 'login'));
    logBook.assertHoldsNoSecret(JSON.stringify(trail), 'the API');
    logBook.assertHoldsNoSecret(await readFile(join(dir, 'shared.log'), 'utf8'), 'the file');
    const client = createClient({ url: redis.url });
    await client.connect();
    const stream = await client.xRange('rackside:audit', '-', '+');
    client.destroy();
    logBook.assertHoldsNoSecret(JSON.stringify(stream), 'the stream');
  });

  it('waits for a Redis that is away, and is in the file meanwhile', async () => {
    const file = join(dir, 'away.log');
    const lonely = await each.start(start({ file }));
    await redis.kill();
    const began = Date.now();
    try {
      const answer = await lonely.call('POST', '/consoles', {
        as: API_TOKENS.portal,
        body: { machine: 'lab:desk' },
      });
      await problemOf(answer, 503, 'redis_unavailable');
      await until(() => linesOf(file).then(({ length }) => length === 1), {
        timeout: 5000,
        what: 'the line of the refusal',
      });
    } finally {
      await redis.restart();
    }
    const query = `result=redis_unavailable&since=${new Date(began).toISOString()}`;
    await until(() => gateway.call('GET', `/audit?${query}`, { as: ADMIN }).then(({ ok }) => ok), {
      timeout: 10_000,
      what: 'redis',
    });
    const [entry] = await of(query, 1);
    assert.ok(entry && Date.parse(entry.at) - began < 1000);
    const [line, ...more] = await linesOf(file);
    assert.deepEqual(line, { ...entry, id: null });
    assert.deepEqual(more, []);
  });

  it('is read fast when it is full, also for what is rare in it', async function () {
    this.timeout(60_000);
    const full = await each.start(start({ keep: 100_000 }));
    const client = createClient({ url: redis.url });
    await client.connect();
    const entry = (index: number) =>
      JSON.stringify({
        at: new Date(index).toISOString(),
        action: 'extend',
        who: `user ${index % 100}`,
        via: 'console',
        from: '203.0.113.7',
        machine: 'lab:desk',
        console: 'n'.repeat(22),
        result: 'ok',
        detail: index === 0 ? 'the needle' : 'until 2026-01-01T00:00:00.000Z',
      });
    for (let base = 0; base < 100_000; base += 5000) {
      const adding = client.multi();
      for (let index = base; index < base + 5000; index += 1) {
        adding.xAdd('rackside:audit', '*', { entry: entry(index) });
      }
      await adding.exec();
    }
    client.destroy();
    const timed = async (query: string) => {
      const began = performance.now();
      const { items } = await auditPage(full, ADMIN, query);
      return { items, ms: performance.now() - began };
    };
    const page = await timed('limit=200');
    assert.equal(page.items.length, 200);
    assert.ok(page.ms < 500, `a page took ${page.ms} ms`);
    const bounded = await timed('who=nobody');
    assert.ok(bounded.ms < 2000, `a bounded search took ${bounded.ms} ms`);
    const began = performance.now();
    const found = await auditTrail(full, ADMIN, 'until=1970-01-01T00:00:00.001Z');
    assert.deepEqual(
      found.map(({ detail }) => detail),
      ['the needle'],
    );
    const ms = performance.now() - began;
    assert.ok(ms < 10_000, `the whole search took ${ms} ms`);
  });

  async function written(file: string, id: string): Promise<void> {
    await until(
      () =>
        readFile(file, 'utf8').then(
          (text) => text.includes(id),
          () => false,
        ),
      { timeout: 3000, what: `the line of ${id}` },
    );
  }
});

async function linesOf(file: string): Promise<AuditRecord[]> {
  const text = await readFile(file, 'utf8').catch(() => '');
  return text
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as AuditRecord);
}
