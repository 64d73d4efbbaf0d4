import assert from 'node:assert/strict';
import { before, describe, it } from 'mocha';
import supertest from 'supertest';
import WebSocket from 'ws';
import { HOLDER, consoleView, redeemAnswer, shareList } from '../../server/contract/index.ts';
import { cleanUp } from '../support/dispose.ts';
import { API_TOKENS, type Held, TestGateway, TestTunnel } from '../support/gateway.ts';
import { startGuacd } from '../support/guacd.ts';
import { logBook } from '../support/log-book.ts';
import { startRedis } from '../support/redis.ts';
import { until } from '../support/until.ts';
import { type VncPeer, startVnc } from '../support/vnc.ts';
import { problemOf } from './support/problem.ts';
import { giveControl, redeem, share, watch } from './support/sharing.ts';

const A = 0x61;

/** Two replicas on one Redis; what one decides holds on the other. */
describe('a shared console', function () {
  this.timeout(30_000);
  const suite = cleanUp();
  const each = cleanUp('each');
  let vnc: VncPeer;
  let one: TestGateway;
  let other: TestGateway;

  before(async function () {
    this.timeout(60_000);
    const [redis, guacd] = await Promise.all([
      suite.start(startRedis()),
      suite.start(startGuacd()),
    ]);
    vnc = await suite.start(startVnc({ content: 'input' }));
    const { host, port } = vnc;
    const password = logBook.secret(vnc.password);
    const machines = [{ id: 'desk', consoles: { vnc: { host, port, password } } }];
    const options = { redis, guacd, machines };
    one = await suite.start(TestGateway.start(options));
    other = await suite.start(TestGateway.start(options));
  });

  const open = () => one.openRedeemed({ machine: 'lab:desk', user: 'alice' });
  const look = async (gateway: TestGateway, who: Held): Promise<TestTunnel> => {
    const tunnel = each.add(await gateway.tunnel(who));
    await tunnel.pictured();
    return tunnel;
  };
  const seen = (
    id: string,
    what: string,
    check: (view: Awaited<ReturnType<TestGateway['view']>>) => boolean,
  ) => until(async () => check(await one.view(id)), { timeout: 5000, what });
  const running = (id: string) =>
    seen(id, 'the console to run', ({ state }) => state === 'connected');
  /** What came to the machine since the last call. */
  let counted = 0;
  const inputs = async () => {
    const all = await vnc.inputs();
    const fresh = all.slice(counted);
    counted = all.length;
    return fresh;
  };
  /** Keys go to the window under the pointer. */
  const pointAt = (tunnel: TestTunnel) => tunnel.socket.send('5.mouse,3.100,3.100,1.0;');
  const typed = async (key: string) =>
    until(
      async () => (await inputs()).some((event) => event.key === key && event.type === 'KeyPress'),
      {
        timeout: 5000,
        what: `the key ${key}`,
      },
    );

  const released = (key: string) =>
    until(
      async () =>
        (await inputs()).some((event) => event.key === key && event.type === 'KeyRelease'),
      { timeout: 5000, what: `${key} to be let go of` },
    );
  /** A console with its holder on one replica and somebody who looks at it on the other. */
  const watched = async (body: object = {}) => {
    const opened = await open();
    const holder = await look(one, opened);
    await running(opened.id);
    const link = await share(one, opened, body);
    const who = await watch(other, opened, link);
    const tunnel = await look(other, who);
    await seen(opened.id, 'the viewer to be listed', ({ viewers }) =>
      viewers.some(({ connected }) => connected),
    );
    return { opened, holder, link, viewer: { who, tunnel } };
  };

  it('shows the same connection to both, and takes input from whoever has control', async () => {
    const opened = await open();
    const holder = await look(one, opened);
    await running(opened.id);
    const link = await share(one, opened, { readOnly: false, label: 'for Bob' });
    const viewer = await watch(other, opened, link, { name: 'Bob' });
    const viewing = await look(other, viewer);
    await seen(
      opened.id,
      'the viewer to be listed',
      ({ viewers }) => viewers[0]?.connected === true,
    );
    const { viewers, control, shares } = await one.view(opened.id);
    assert.deepEqual(
      [viewers[0]?.name, viewers[0]?.readOnly, control, shares],
      ['Bob', false, HOLDER, 1],
    );

    pointAt(holder);
    await inputs();
    viewing.type(A + 1);
    holder.type(A);
    await typed('a');
    assert.equal((await giveControl(one, opened, viewer.viewer)).control, viewer.viewer);
    // The answer comes before the news: what is typed until then is nobody's.
    await until(
      async () => {
        viewing.type(A + 2);
        return (await vnc.inputs()).slice(counted).some(({ key }) => key === 'c');
      },
      { timeout: 5000, what: 'the viewer to type' },
    );
    assert.ok(!(await inputs()).some(({ key }) => key === 'b'), 'typed without control');
    holder.type(A + 3);
    viewing.type(A + 4);
    await typed('e');
    assert.ok(!(await vnc.inputs()).some(({ key }) => key === 'd'), 'the holder without control');
  });

  it('lets go of what is held down when control is lost, and when its holder leaves', async () => {
    const { opened, holder, viewer } = await watched({ readOnly: false });
    await giveControl(one, opened, viewer.who.viewer);
    pointAt(holder);
    await until(
      async () => {
        viewer.tunnel.socket.send('3.key,5.65505,1.1;5.mouse,3.120,3.120,1.1;');
        return (await vnc.inputs()).slice(counted).some(({ key }) => key === 'Shift_L');
      },
      { timeout: 5000, what: 'Shift to be held' },
    );
    await inputs();
    await giveControl(other, viewer.who, HOLDER);
    await released('Shift_L');
    await giveControl(one, opened, viewer.who.viewer);
    await until(
      async () => {
        viewer.tunnel.socket.send('3.key,5.65507,1.1;');
        return (await vnc.inputs()).slice(counted).some(({ key }) => key === 'Control_L');
      },
      { timeout: 5000, what: 'Control to be held' },
    );
    viewer.tunnel.socket.close();
    await released('Control_L');
    assert.equal((await one.view(opened.id)).state, 'connected');
  });

  it('is only looked at by a view-only link, whoever says what', async () => {
    const { opened, holder, viewer } = await watched();
    const refused = await other.call('POST', `/consoles/${opened.id}/control`, {
      as: viewer.who.bearer,
      body: { to: viewer.who.viewer },
    });
    await problemOf(refused, 403, 'forbidden');
    const given = await one.call('POST', `/consoles/${opened.id}/control`, {
      as: opened.bearer,
      body: { to: viewer.who.viewer },
    });
    await problemOf(given, 403, 'forbidden');
    pointAt(holder);
    await inputs();
    viewer.tunnel.type(A + 1);
    holder.type(A);
    await typed('a');
    assert.ok(!(await vnc.inputs()).some(({ key }, at) => at >= counted && key === 'b'));
  });

  it('stays with its viewers while the holder reloads, and the holder finds them there', async () => {
    const { opened, holder, viewer } = await watched();
    holder.socket.close();
    await seen(opened.id, 'the holder to be away', ({ state }) => state === 'detached');
    const back = await look(other, opened);
    await running(opened.id);
    assert.equal((await one.view(opened.id)).viewers[0]?.connected, true);
    assert.equal(viewer.tunnel.socket.readyState, viewer.tunnel.socket.OPEN);
    // The same connection: what the holder types, the viewer's guacd user sees with it.
    pointAt(back);
    await inputs();
    back.type(A);
    await typed('a');
  });

  it('waits for the holder where nobody is there, and goes on when the holder is back', async () => {
    const opened = await open();
    const link = await share(one, opened);
    const viewer = await watch(other, opened, link);
    const token = () =>
      other.call('POST', `/consoles/${opened.id}/token`, { as: viewer.bearer, body: {} });
    await problemOf(await token(), 409, 'not_running');
    const holder = await look(one, opened);
    await running(opened.id);
    const viewing = await look(other, viewer);
    await seen(opened.id, 'the viewer', ({ viewers }) => viewers[0]?.connected === true);
    viewing.socket.close();
    holder.socket.close();
    await seen(opened.id, 'both to be gone', ({ state, viewers }) => {
      return state === 'detached' && viewers[0]?.connected === false;
    });
    await problemOf(await token(), 409, 'not_running');
    await look(one, opened);
    await running(opened.id);
    await look(other, viewer);
  });

  it('goes on for the holder in a new connection where guacd has forgotten the joined one', async () => {
    const { opened, holder, viewer } = await watched();
    const { token, tunnel } = await one.token(opened);
    holder.socket.close();
    viewer.tunnel.socket.close();
    await seen(opened.id, 'both to be gone', ({ state, viewers }) => {
      return state === 'detached' && viewers[0]?.connected === false;
    });
    const back = each.add(new TestTunnel(new WebSocket(`${tunnel}?token=${token}`, 'guacamole')));
    await back.pictured();
    await running(opened.id);
    await look(other, viewer.who);
  });

  it('tells a viewer whose connection is forgotten to come again, and is not touched by it', async () => {
    const { opened, holder, viewer } = await watched();
    const { token, tunnel } = await other.token(viewer.who);
    holder.socket.close();
    viewer.tunnel.socket.close();
    await seen(opened.id, 'both to be gone', ({ state, viewers }) => {
      return state === 'detached' && viewers[0]?.connected === false;
    });
    const late = each.add(new TestTunnel(new WebSocket(`${tunnel}?token=${token}`, 'guacamole')));
    assert.deepEqual(await late.closed, { code: 1013, reason: '519' });
    assert.match(late.text, /not_running/);
    const { state, error } = await one.view(opened.id);
    assert.deepEqual([state, error], ['detached', null]);
  });

  it('ends a viewer at once when its link is revoked, on whichever replica, and nobody else', async () => {
    const { opened, holder, viewer, link } = await watched({ readOnly: false });
    const staying = await look(other, await watch(other, opened, await share(one, opened)));
    await giveControl(one, opened, viewer.who.viewer);
    const events = other.events(opened.id, viewer.who.bearer);
    await events.next();
    const path = `/consoles/${opened.id}/shares/${link.id}`;
    assert.equal((await one.call('DELETE', path, { as: opened.bearer })).status, 204);
    assert.deepEqual(await viewer.tunnel.closed, { code: 4007, reason: '523' });
    assert.match(viewer.tunnel.text, /share_revoked/);
    while (!(await events.next()).done);
    const { control, viewers, shares, state } = await one.view(opened.id);
    assert.deepEqual([control, viewers.length, shares, state], [HOLDER, 1, 1, 'connected']);
    for (const tunnel of [holder, staying]) {
      assert.equal(tunnel.socket.readyState, tunnel.socket.OPEN);
    }
    const as = viewer.who.bearer;
    await problemOf(await one.call('GET', `/consoles/${opened.id}`, { as }), 410, 'share_revoked');
    await problemOf(await redeem(one, opened.id, link), 410, 'share_revoked');
    const items = shareList.parse(
      await (await one.call('GET', `/consoles/${opened.id}/shares`, { as: opened.bearer })).json(),
    ).items;
    assert.deepEqual(
      items.map(({ id, revoked }) => [id === link.id, revoked]),
      [
        [true, true],
        [false, false],
      ],
    );
    const gone = await one.call('DELETE', `${path}x`, { as: opened.bearer });
    await problemOf(gone, 404, 'not_found');
  });

  it('ends a viewer when the time of its link is over, to the second', async () => {
    const opened = await open();
    await look(one, opened);
    await running(opened.id);
    const link = await share(one, opened, { ttl: 2 });
    const viewing = await look(other, await watch(other, opened, link));
    assert.deepEqual(await viewing.closed, { code: 4006, reason: '522' });
    const late = Date.now() - Date.parse(link.expiresAt);
    assert.ok(late >= 0 && late < 1000, `ended ${late} ms after its link`);
    await seen(opened.id, 'the share to be over', ({ shares, viewers }) => {
      return shares === 0 && viewers.length === 0;
    });
    await problemOf(await redeem(one, opened.id, link), 410, 'share_expired');
    assert.equal((await one.view(opened.id)).state, 'connected');
  });

  it('ends for its viewers as it ends for the holder', async () => {
    const { opened, holder, viewer } = await watched();
    await one.call('DELETE', `/consoles/${opened.id}`, { as: API_TOKENS.portal });
    for (const tunnel of [holder, viewer.tunnel]) {
      assert.deepEqual(await tunnel.closed, { code: 4004, reason: '523' });
    }
    const as = viewer.who.bearer;
    const answer = await other.call('POST', `/consoles/${opened.id}/token`, { as, body: {} });
    await problemOf(answer, 410, 'console_killed');
    assert.equal((await other.call('GET', `/consoles/${opened.id}`, { as })).status, 200);
  });

  it('stays the holder’s alone to share, extend and close', async () => {
    const opened = await open();
    const link = await share(one, opened, { readOnly: false });
    const { bearer: as, viewer } = await watch(one, opened, link);
    const path = `/consoles/${opened.id}`;
    for (const [method, call] of [
      ['POST', '/share'],
      ['GET', '/shares'],
      ['DELETE', `/shares/${link.id}`],
      ['POST', '/extend'],
      ['DELETE', ''],
    ] as const) {
      const body = method === 'POST' ? {} : undefined;
      await problemOf(await one.call(method, path + call, { as, body }), 403, 'forbidden');
    }
    const self = (await (await one.call('GET', path, { as })).json()) as { viewer: unknown };
    assert.deepEqual(self.viewer, { id: viewer, readOnly: false });
    const stranger = await open();
    for (const call of ['/share', '/control']) {
      const body = { to: HOLDER };
      const answer = await one.call('POST', path + call, { as: stranger.bearer, body });
      await problemOf(answer, 401, 'unauthenticated');
    }
    const byToken = await share(one, opened, {}, API_TOKENS.portal);
    assert.equal(byToken.readOnly, true);
  });

  it('gives no more than it has itself', async () => {
    const opened = await one.openRedeemed({ machine: 'lab:desk', readOnly: true, ttl: 60 });
    const ask = (body: object) =>
      one.call('POST', `/consoles/${opened.id}/share`, { as: opened.bearer, body });
    await problemOf(await ask({ readOnly: false }), 403, 'forbidden');
    for (const body of [
      { passphrase: 'short' },
      { label: 'two\nlines' },
      { label: ' ' },
      { ttl: 0 },
      { more: 1 },
    ]) {
      await problemOf(await ask(body), 400, 'invalid_request');
    }
    assert.equal((await share(one, opened)).expiresAt, opened.expiresAt);
    const long = await share(one, opened, { ttl: 604_800 });
    assert.equal(long.expiresAt, opened.extendableUntil);
  });

  it('by a link without a time lasts as long as the console, however often that is extended', async () => {
    const opened = await one.openRedeemed({ machine: 'lab:desk', ttl: 3 });
    await look(one, opened);
    await running(opened.id);
    const link = await share(one, opened);
    const viewing = await look(other, await watch(other, opened, link));
    const body = { seconds: 3 };
    const path = `/consoles/${opened.id}`;
    const extended = await one.call('POST', `${path}/extend`, { as: opened.bearer, body });
    const { expiresAt } = consoleView.parse(await extended.json());
    const listed = await one.call('GET', `${path}/shares`, { as: opened.bearer });
    assert.equal(shareList.parse(await listed.json()).items[0]?.expiresAt, expiresAt);
    assert.deepEqual(await viewing.closed, { code: 4001, reason: '522' });
    const late = Date.now() - Date.parse(expiresAt);
    assert.ok(late >= 0 && late < 1000, `ended ${late} ms after the console`);
  });

  it('has links that are called after whoever looks, however long a name they have', async () => {
    const opened = await open();
    const label = 'n'.repeat(128);
    assert.equal((await share(one, opened, { label })).label, label);
    const [as, body] = [opened.bearer, { label: `${label}n` }];
    const longer = await one.call('POST', `/consoles/${opened.id}/share`, { as, body });
    await problemOf(longer, 400, 'invalid_request');
  });

  it('asks for the passphrase of a link, five times and no more on all replicas together', async () => {
    const opened = await open();
    const passphrase = logBook.secret('correct horse battery');
    const link = await share(one, opened, { passphrase });
    assert.equal(link.passphrase, true);
    const other2 = await share(one, opened, { passphrase });
    await problemOf(await redeem(one, opened.id, link), 401, 'passphrase_required');
    const wrong = { passphrase: 'wrong horse' };
    for (const gateway of [one, other, one, other, one]) {
      await problemOf(await redeem(gateway, opened.id, link, wrong), 401, 'passphrase_wrong');
    }
    const right = await redeem(other, opened.id, link, { passphrase });
    assert.ok(Number(right.headers.get('retry-after')) > 800);
    await problemOf(right, 429, 'rate_limited');
    await watch(other, opened, other2, { passphrase });
  });

  it('knows a browser again, without the passphrase, and the holder’s as the holder', async () => {
    const opened = await one.open({ machine: 'lab:desk' });
    const passphrase = logBook.secret('correct horse battery');
    const link = await share(one, { ...opened, bearer: API_TOKENS.portal }, { passphrase });
    const path = `/api/v1/consoles/${opened.id}`;
    const bob = supertest.agent(one.url);
    const come = (agent: typeof bob, body: object) => agent.post(`${path}/redeem`).send(body);
    const first = await come(bob, { key: link.key, passphrase, name: 'Bob' }).expect(200);
    const again = await come(bob, { key: link.key, name: 'Robert' }).expect(200);
    for (const { body } of [first, again]) logBook.secret(redeemAnswer.parse(body).bearer);
    assert.deepEqual(again.body.viewer, first.body.viewer);
    assert.deepEqual(
      again.body.console.viewers.map(({ name }: { name: string }) => name),
      ['Robert'],
    );
    assert.deepEqual((await bob.get(path).expect(200)).body.viewer, first.body.viewer);
    const alice = supertest.agent(one.url);
    for (const key of [opened.launchKey, link.key]) {
      const { body } = await come(alice, { key }).expect(200);
      logBook.secret(redeemAnswer.parse(body).bearer);
      assert.equal(body.viewer, null);
    }
  });

  it('takes twenty links and twenty viewers', async () => {
    const opened = await open();
    const links = await Promise.all(Array.from({ length: 20 }, () => share(one, opened)));
    const ask = { as: opened.bearer, body: {} };
    const path = `/consoles/${opened.id}`;
    await problemOf(await one.call('POST', `${path}/share`, ask), 409, 'share_limit');
    const answers = await Promise.all(
      Array.from({ length: 22 }, (_, at) =>
        redeem(at % 2 ? one : other, opened.id, links[at % 3]!),
      ),
    );
    const count = (code: number) => answers.filter(({ status }) => status === code).length;
    assert.deepEqual([count(200), count(409)], [20, 2]);
    for (const answer of answers) {
      if (answer.status === 409) await problemOf(answer, 409, 'viewer_limit');
      else logBook.secret(redeemAnswer.parse(await answer.json()).bearer);
    }
    await one.call('DELETE', `${path}/shares/${links[0]!.id}`, { as: opened.bearer });
    await share(one, opened);
  });
});
