import assert from 'node:assert/strict';
import { before, describe, it } from 'mocha';
import WebSocket from 'ws';
import type { ConsoleEvent } from '../../server/contract/index.ts';
import { cleanUp } from '../support/dispose.ts';
import {
  API_TOKENS,
  type TestConsole,
  TestGateway,
  type TestGatewayOptions,
  TestTunnel,
} from '../support/gateway.ts';
import type { ServerProcess } from '../support/server-process.ts';
import { until } from '../support/until.ts';
import { startLab } from './support/lab.ts';
import { problemOf, assertProblem } from './support/problem.ts';
import { redisContent } from './support/redis-content.ts';
import { upgrade } from './support/upgrade.ts';

describe("a console's end", () => {
  const suite = cleanUp();
  const each = cleanUp('each');
  let redis: ServerProcess & { url: string };
  let options: TestGatewayOptions;

  before(async function () {
    this.timeout(40_000);
    const lab = await startLab(suite);
    redis = lab.redis;
    options = lab;
  });

  const gatewayWith = (consoles: object = {}) =>
    each.start(TestGateway.start({ ...options, config: { consoles } }));

  async function shown(gateway: TestGateway, opened?: TestConsole) {
    const held = opened ?? (await gateway.openRedeemed({ machine: 'lab:desk' }));
    const tunnel = each.add(await gateway.tunnel(held));
    await tunnel.pictured();
    return { opened: held, tunnel };
  }

  /** Asserts that the tunnel ends as one whose time is over, and within a second of that. */
  async function assertExpires(tunnel: TestTunnel, expiresAt: string): Promise<void> {
    assert.deepEqual(await tunnel.closed, { code: 4001, reason: '522' });
    const late = Date.now() - Date.parse(expiresAt);
    assert.ok(late >= 0 && late < 1000, `closed ${late} ms after its deadline`);
    assert.match(tunnel.text, /5\.error,15\.console_expired,3\.522;10\.disconnect;$/);
  }

  /** Asserts that it is in no list any more, and known for a quarter of an hour as what it is. */
  async function assertExpired(gateway: TestGateway, id: string): Promise<void> {
    const record = `rackside:console:${id}`;
    // What has happened is kept.
    const kept = ['rackside:audit', record];
    const knowing = async () =>
      (await redisContent(redis.url))
        .filter(({ key, text }) => !kept.includes(key) && `${key} ${text}`.includes(id))
        .map(({ key }) => key);
    const gone = async () => (await knowing()).length === 0;
    await until(gone, { timeout: 2000, what: 'the console to be in no list' });
    const { state, reason } = await gateway.view(id);
    assert.deepEqual([state, reason], ['closed', 'expired']);
    const left = (await redisContent(redis.url)).find(({ key }) => key === record)?.ttl ?? 0;
    assert.ok(left > 880 && left <= 900, `it is kept for ${left} s`);
  }

  it('comes on time, is told to the page before, and leaves nothing in Redis but the trail and, for a while, what it was', async () => {
    const gateway = await gatewayWith({ ttl: 2 });
    const { opened, tunnel } = await shown(gateway);
    const told = lastState(gateway.events(opened.id, opened.bearer));
    assert.equal(Date.parse(opened.expiresAt) - Date.parse(opened.createdAt), 2000);
    await assertExpires(tunnel, opened.expiresAt);
    const last = await told;
    assert.deepEqual([last?.state, last?.reason, last?.error], ['closed', 'expired', null]);
    await assertExpired(gateway, opened.id);
    const late = await gateway.call('POST', `/consoles/${opened.id}/token`, { as: opened.bearer });
    await problemOf(late, 410, 'console_expired');
  });

  it('comes on time for a console that nobody looks at', async () => {
    const gateway = await gatewayWith({ ttl: 1 });
    const opened = await gateway.openRedeemed({ machine: 'lab:desk' });
    const last = await lastState(gateway.events(opened.id, opened.bearer));
    assert.deepEqual([last?.state, last?.reason], ['closed', 'expired']);
    const late = Date.now() - Date.parse(opened.expiresAt);
    assert.ok(late >= 0 && late < 1000, `told ${late} ms after its deadline`);
    await assertExpired(gateway, opened.id);
  });

  it('refuses a connection token that was issued before', async () => {
    const gateway = await gatewayWith({ ttl: 1 });
    const opened = await gateway.openRedeemed({ machine: 'lab:desk' });
    const { token } = await gateway.token(opened);
    const over = Date.parse(opened.expiresAt);
    await until(() => Date.now() >= over, { timeout: 2000, what: 'the deadline', every: 1 });
    const answer = await upgrade(gateway.url, { path: `/tunnel?token=${token}` });
    // The token does not outlive the console.
    assert.ok(answer.status >= 401 && answer.status <= 410, answer.body);
    assert.match(answer.body, /"(console_expired|token_expired)"/);
  });

  it('keeps its deadline over a restart of the gateway', async () => {
    const first = await gatewayWith({ ttl: 4 });
    const { opened, tunnel } = await shown(first);
    await first.stop();
    assert.deepEqual(await tunnel.closed, { code: 1012, reason: '513' });
    const second = await gatewayWith({ ttl: 600 });
    assert.equal((await second.view(opened.id)).expiresAt, opened.expiresAt);
    const again = await shown(second, opened);
    await assertExpires(again.tunnel, opened.expiresAt);
    await assertExpired(second, opened.id);
    const late = await second.call('POST', `/consoles/${opened.id}/token`, { as: opened.bearer });
    await problemOf(late, 410, 'console_expired');
  });

  it('that fell into a time without any gateway is found at the next start', async () => {
    const first = await gatewayWith({ ttl: 1 });
    const opened = await first.openRedeemed({ machine: 'lab:desk' });
    await first.stop();
    const over = Date.parse(opened.expiresAt);
    await until(() => Date.now() >= over, { timeout: 2000, what: 'the deadline' });
    const second = await gatewayWith();
    const late = await second.call('POST', `/consoles/${opened.id}/token`, { as: opened.bearer });
    await problemOf(late, 410, 'console_expired');
    await assertExpired(second, opened.id);
  });

  it('by DELETE closes its tunnels on every replica within a second', async () => {
    const [one, other] = [await gatewayWith(), await gatewayWith()];
    const forAlice = await one.openRedeemed({ machine: 'lab:desk', user: 'alice' });
    const { opened, tunnel } = await shown(one, forAlice);
    const second = (await shown(other, opened)).tunnel;
    const told = lastState(other.events(opened.id, opened.bearer));
    const began = Date.now();
    const path = `/consoles/${opened.id}`;
    assert.equal((await one.call('DELETE', path, { as: API_TOKENS.portal })).status, 204);
    for (const { closed } of [tunnel, second]) {
      assert.deepEqual(await closed, { code: 4004, reason: '523' });
    }
    assert.ok(Date.now() - began < 1000);
    assert.match(second.text, /5\.error,14\.console_killed,3\.523;10\.disconnect;$/);
    const last = await told;
    assert.deepEqual([last?.state, last?.reason], ['closed', 'killed']);
    assert.equal((await other.view(opened.id)).reason, 'killed');
    await problemOf(
      await other.call('POST', `${path}/token`, { as: opened.bearer }),
      410,
      'console_killed',
    );
  });

  it('is the end of one use of a connection token, whichever replica is asked', async () => {
    const [one, other] = [await gatewayWith(), await gatewayWith()];
    const opened = await one.openRedeemed({ machine: 'lab:desk' });
    const { token } = await one.token(opened);
    const url = `${other.url.replace('http', 'ws')}/tunnel?token=${token}`;
    const tunnel = each.add(new TestTunnel(new WebSocket(url, 'guacamole')));
    await tunnel.pictured();
    for (const { url: gateway } of [one, other]) {
      const answer = await upgrade(gateway, { path: `/tunnel?token=${token}` });
      assertProblem(answer, 410, 'token_used');
    }
  });
});

/** The console as its events told last, at their end. */
async function lastState(events: AsyncIterable<ConsoleEvent>) {
  let last: (ConsoleEvent & { type: 'state' })['console'] | undefined;
  for await (const event of events) if (event.type === 'state') last = event.console;
  return last;
}
