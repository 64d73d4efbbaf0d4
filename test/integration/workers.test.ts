import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { connect } from 'node:net';
import { before, describe, it } from 'mocha';
import WebSocket from 'ws';
import { STATUS } from '../../server/contract/index.ts';
import { API_TOKENS, type Held, TestTunnel } from '../support/gateway.ts';
import { cleanUp } from '../support/dispose.ts';
import { ScriptedGuacd, type ScriptedConnection } from '../support/guacd-script.ts';
import { instruction } from '../support/instructions.ts';
import { logBook } from '../support/log-book.ts';
import { startRedis } from '../support/redis.ts';
import { until } from '../support/until.ts';
import { GatewayProcess } from './support/gateway-process.ts';
import { startLab } from './support/lab.ts';
import { type Series, scrape } from './support/scrape.ts';
import { tunnelEnd } from './support/tunnel-ends.ts';

const SYNC = instruction('sync', 1);
const WORKERS = 2;
const metricsToken = logBook.secret(randomBytes(18).toString('base64url'));

/** The processes that carry a gateway's tunnels: of its children those that run its own program. */
function workersOf({ pid }: GatewayProcess): number[] {
  return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8')
    .trim()
    .split(' ')
    .filter((child) => readFileSync(`/proc/${child}/cmdline`, 'utf8').includes('tunnel-worker'))
    .map(Number);
}

describe('a gateway whose tunnels run in two processes of their own', function () {
  this.timeout(60_000);
  const suite = cleanUp();
  const each = cleanUp('each');
  let guacd: ScriptedGuacd;
  let serve: (own?: ScriptedGuacd) => Promise<GatewayProcess>;
  let gateway: GatewayProcess;

  before(async () => {
    const redis = await suite.start(startRedis());
    guacd = await suite.start(ScriptedGuacd.start());
    const machines = [{ id: 'desk', owner: 'alice', consoles: { vnc: { host: '127.0.0.1' } } }];
    const tokenHash = createHash('sha256').update(metricsToken).digest('hex');
    const config = { workers: WORKERS, metrics: { tokenHash } };
    serve = (own = guacd) => GatewayProcess.serve({ redis, guacd: own, machines, config });
    gateway = await suite.start(serve());
  });

  /** A tunnel with its first picture. */
  async function look(
    at: GatewayProcess,
    opened?: Held,
    by = guacd,
  ): Promise<{ opened: Held; tunnel: TestTunnel; session: ScriptedConnection }> {
    const console = opened ?? (await at.openRedeemed({ machine: 'lab:desk', user: 'alice' }));
    const tunnel = each.add(await at.tunnel(console));
    const session = await by.nextConnection();
    await session.handshake();
    await session.write(SYNC);
    await tunnel.pictured();
    return { opened: console, tunnel, session };
  }

  const metrics = (of: GatewayProcess): Promise<Series> =>
    scrape(`${of.url}/metrics`, { headers: { authorization: `Bearer ${metricsToken}` } });

  const state = (of: GatewayProcess, { id }: Held, wanted: string) =>
    until(async () => (await of.view(id)).state === wanted, {
      timeout: 10_000,
      what: `the console to be ${wanted}`,
    });

  it('relays both ways and writes what happens into the record', async () => {
    const { opened, tunnel, session } = await look(gateway);
    await state(gateway, opened, 'connected');
    tunnel.type(0x61);
    assert.deepEqual(await session.readInstruction(), ['key', '97', '1']);
    tunnel.stop();
    await state(gateway, opened, 'detached');
  });

  it('closes a console that is killed, with its reason', async () => {
    const { opened, tunnel } = await look(gateway);
    const answer = await gateway.call('DELETE', `/consoles/${opened.id}`, {
      as: API_TOKENS.portal,
    });
    assert.equal(answer.status, 204);
    assert.match(await tunnel.received(/5\.error[^;]*;/), /console_(killed|ended)/);
    await tunnel.closed;
  });

  it('loses nothing that a browser sends together with its request', async () => {
    const opened = await gateway.openRedeemed({ machine: 'lab:desk', user: 'alice' });
    const { token, tunnel } = await gateway.token(opened);
    const { hostname, port, pathname } = new URL(tunnel);
    const socket = connect(Number(port), hostname);
    each.add(() => socket.destroy());
    await once(socket, 'connect');
    const text = Buffer.from(instruction('key', 0x62, 1));
    // RFC 6455 section 5.2: a masked text message; a mask of zeros changes nothing.
    const frame = Buffer.concat([Buffer.from([0x81, 0x80 | text.length, 0, 0, 0, 0]), text]);
    const request =
      `GET ${pathname}?token=${token} HTTP/1.1\r\nHost: ${hostname}:${port}\r\n` +
      'Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n' +
      'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: guacamole\r\n\r\n';
    socket.write(Buffer.concat([Buffer.from(request), frame]));
    const session = await guacd.nextConnection();
    await session.handshake();
    assert.deepEqual(await session.readInstruction(), ['key', '98', '1']);
  });

  it('loses the tunnels of a process that dies, and no others; the next one carries again', async () => {
    const first = await look(gateway);
    const second = await look(gateway);
    const before = workersOf(gateway);
    assert.equal(before.length, WORKERS);
    process.kill(before[0] ?? 0, 'SIGKILL');
    const lost = await Promise.race(
      [first, second].map(async (one) => one.tunnel.closed.then(() => one)),
    );
    const kept = lost === first ? second : first;
    await state(gateway, lost.opened, 'detached');
    const end = await tunnelEnd(lost.opened.id);
    assert.equal(end.status, 'shutting_down');
    assert.match(end.detail, /the process of its tunnel has ended/);
    kept.tunnel.type(0x63);
    assert.deepEqual(await kept.session.readInstruction(), ['key', '99', '1']);
    await look(gateway, lost.opened);
    await state(gateway, lost.opened, 'connected');
    await until(() => workersOf(gateway).length === WORKERS, {
      timeout: 20_000,
      what: 'another process in its place',
    });
  });

  it('gives nothing to a process that hangs, and ends it; without any it says so', async () => {
    const config = { workers: WORKERS };
    const own = each.add(await GatewayProcess.serve({ ...(await startLab(each)), config }));
    const looks = async (opened: Held) => {
      const tunnel = each.add(await own.tunnel(opened));
      await tunnel.pictured();
      return { opened, tunnel };
    };
    const open = () => own.openRedeemed({ machine: 'lab:desk' });
    const looking = [await looks(await open()), await looks(await open())];
    const [hung = 0, slow = 0] = workersOf(own);
    const ready = () => fetch(`${own.url}/readyz`);
    const becomes = (wanted: number) =>
      until(async () => (await ready()).status === wanted, {
        ...{ timeout: 8000, what: `readyz ${wanted}` },
      });
    for (const pid of [hung, slow]) process.kill(pid, 'SIGSTOP');
    await becomes(503);
    const { missing } = (await (await ready()).json()) as { missing: unknown };
    assert.deepEqual(missing, ['tunnels: no process for them answers']);
    const waiting = await open();
    const refused = each.add(await own.tunnel(waiting));
    assert.equal((await refused.closed).code, 503);

    process.kill(slow, 'SIGCONT');
    await becomes(200);
    // Of the one that hangs nothing would come.
    await looks(waiting);
    const lost = await Promise.race(
      looking.map(async (one) => one.tunnel.closed.then(() => one.opened)),
    );
    assert.equal((await tunnelEnd(lost.id)).status, 'shutting_down');
    await until(() => workersOf(own).length === WORKERS && !workersOf(own).includes(hung), {
      ...{ timeout: 20_000, what: 'another process in its place' },
    });
    assert.ok(workersOf(own).includes(slow), 'the other one goes on');
  });

  /** A tunnel that was admitted, and handed to a process that does not take it. */
  async function onTheWay(at: GatewayProcess, opened: Held): Promise<TestTunnel> {
    const { token, tunnel } = await at.token(opened);
    const both = [1, 2].map(() =>
      each.add(new TestTunnel(new WebSocket(`${tunnel}?token=${token}`, 'guacamole'))),
    );
    // The token is good for one of them, which Redis has said before it said that to the other.
    const [refused, code] = await Promise.race(
      both.map(async (one) => [one, (await one.closed).code] as const),
    );
    assert.equal(code, STATUS.token_used.http);
    // Whatever else Redis was asked for its sake it was asked before this.
    await at.view(opened.id);
    return both.find((one) => one !== refused) ?? assert.fail();
  }

  it('answers who was on the way to a process that dies, and keeps nothing of them', async () => {
    const from = logBook.text.length;
    const started = () => logBook.text.slice(from).split('"child started"').length - 1;
    const own = each.add(await serve());
    await look(own);
    const open = () => own.openRedeemed({ machine: 'lab:desk', user: 'alice' });
    const [one, other] = [await open(), await open()];
    const descriptors = () => readdirSync(`/proc/${own.pid}/fd`).length;
    const before = descriptors();
    const workers = workersOf(own);
    for (const pid of workers) process.kill(pid, 'SIGSTOP');
    const waiting = [await onTheWay(own, one), await onTheWay(own, other)];
    for (const pid of workers) process.kill(pid, 'SIGKILL');
    for (const { closed } of waiting) assert.equal((await closed).code, 1006);
    for (const { id } of [one, other]) assert.equal((await tunnelEnd(id)).status, 'shutting_down');
    await until(() => started() === 2 * WORKERS && descriptors() <= before, {
      ...{ timeout: 20_000, what: 'two others, and nothing of the first two' },
    });
    await look(own, one);
  });

  it('stops in time where a process hangs with somebody on the way to it', async () => {
    const own = each.add(await serve());
    const opened = await own.openRedeemed({ machine: 'lab:desk', user: 'alice' });
    const workers = workersOf(own);
    for (const pid of workers) process.kill(pid, 'SIGSTOP');
    const waiting = await onTheWay(own, opened);
    assert.equal((await own.signal('SIGTERM')).code, 0);
    assert.equal((await waiting.closed).code, 1006);
    for (const pid of workers) assert.equal(existsSync(`/proc/${pid}`), false);
  });

  it('counts for all of them, and forgets no total when one dies or does not answer', async () => {
    // Whoever reads the metrics has each guacd asked whether it answers.
    const asked = await each.start(ScriptedGuacd.start());
    const own = each.add(await serve(asked));
    const looking = [await look(own, undefined, asked), await look(own, undefined, asked)];
    for (const { tunnel, session } of looking) {
      tunnel.type(0x61);
      assert.deepEqual(await session.readInstruction(), ['key', '97', '1']);
      assert.deepEqual(await session.readInstruction(), ['key', '97', '0']);
    }
    const open = 'rackside_tunnels_open{protocol="vnc"}';
    const totals = [
      'rackside_tunnels_opened_total{protocol="vnc"}',
      'rackside_tunnel_first_frame_seconds_count{protocol="vnc"}',
      'rackside_tunnel_bytes_total{to="browser"}',
      'rackside_tunnel_bytes_total{to="guacd"}',
    ];
    const read = async (): Promise<(number | undefined)[]> => {
      const series = await metrics(own);
      return [open, ...totals].map((name) => series.get(name));
    };
    const typed = instruction('key', 0x61, 1).length + instruction('key', 0x61, 0).length;
    const counted = [2, 2, 2 * SYNC.length, 2 * typed];
    assert.deepEqual(await read(), [2, ...counted]);

    const [worker = 0] = workersOf(own);
    process.kill(worker, 'SIGSTOP');
    assert.deepEqual(await read(), [2, ...counted]);

    process.kill(worker, 'SIGKILL');
    await Promise.race(looking.map(({ tunnel }) => tunnel.closed));
    assert.deepEqual(await read(), [1, ...counted]);
  });

  it('tells its pages when it stops, and leaves no process behind', async () => {
    const own = each.add(await serve());
    const { tunnel } = await look(own);
    const workers = workersOf(own);
    const { code } = await own.signal('SIGTERM');
    assert.equal(code, 0);
    assert.match(tunnel.text, /5\.error,13\.shutting_down/);
    for (const pid of workers) assert.equal(existsSync(`/proc/${pid}`), false);
  });

  it('ends its processes when it is killed itself', async () => {
    const own = each.add(await serve());
    const { tunnel } = await look(own);
    const workers = workersOf(own);
    await own.signal('SIGKILL');
    await tunnel.closed;
    await until(() => workers.every((pid) => !existsSync(`/proc/${pid}`)), {
      timeout: 20_000,
      what: 'the processes to end',
    });
  });
});
