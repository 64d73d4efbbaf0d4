import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type Socket, connect } from 'node:net';
import { before, describe, it } from 'mocha';
import { STATUS, type StatusCode } from '../../server/contract/index.ts';
import { freePort } from '../../server/platform/ports.ts';
import { cleanUp } from '../support/dispose.ts';
import { type ScriptedConnection, ScriptedGuacd } from '../support/guacd-script.ts';
import { instruction } from '../support/instructions.ts';
import { logBook } from '../support/log-book.ts';
import { startRedis } from '../support/redis.ts';
import { until } from '../support/until.ts';
import { PageClient } from '../tunnel/support/page-client.ts';
import { upgradeRequest } from '../tunnel/support/raw-upgrade.ts';
import { GatewayProcess } from './support/gateway-process.ts';
import { type Series, scrape } from './support/scrape.ts';
import { tunnelEnd } from './support/tunnel-ends.ts';
import { upgrade } from './support/upgrade.ts';

const SYNC = instruction('sync', 1);
const MIB = 1024 * 1024;
/** By which the gateway's memory may be larger after an attack: garbage not yet collected. */
const SLACK = 20 * MIB;
/** For a neighbour's round trip, on a machine on which others compute too: alone it takes 50 at most. ms */
const UNNOTICED = 1000;
/** Upgrades a second that are refused, while a neighbour works. */
const REFUSED_RATE = 1000;
/** A masked ping with as much as it may hold (RFC 6455, section 5.5), and a mask of zeros. */
const PING = Buffer.concat([Buffer.from([0x89, 0x80 + 125, 0, 0, 0, 0]), Buffer.alloc(125, 'x')]);

describe('a hostile or broken peer of a gateway', function () {
  this.timeout(60_000);
  const suite = cleanUp();
  const each = cleanUp('each');
  let guacd: ScriptedGuacd;
  let gateway: GatewayProcess;
  let metrics: string;
  /** Requests that were begun with the suite and are not gone on with. */
  let dribbled: Dribble[];

  before(async function () {
    this.timeout(60_000);
    const [redis, script, port] = await Promise.all([
      suite.start(startRedis()),
      suite.start(ScriptedGuacd.start()),
      freePort(),
    ]);
    guacd = script;
    metrics = `http://127.0.0.1:${port}/metrics`;
    const machines = [{ id: 'desk', consoles: { vnc: { host: '127.0.0.1', port: 1 } } }];
    const config = { metrics: { listen: { port } } };
    gateway = await suite.start(GatewayProcess.serve({ redis, guacd, machines, config }));
    const beginnings = ['GET /tunnel?token=x HTTP/1.1', 'POST /api/v1/sessions HTTP/1.1'];
    dribbled = Array.from(
      { length: 200 },
      (_, at) => new Dribble(new URL(gateway.url), beginnings[at % 2] ?? ''),
    );
    suite.add(() => dribbled.forEach((one) => one.stop()));
    // So that what only the first tunnel costs is not laid at an attack's door.
    const { page } = await open();
    page.stop();
  });

  /** guacd's side of the next tunnel; besides, metrics only look whether guacd answers. */
  async function nextSession(): Promise<ScriptedConnection> {
    for (;;) {
      const connection = await guacd.nextConnection();
      const began = await connection.handshake().catch(() => null);
      if (began) return connection;
    }
  }

  /** A page that sees a picture, guacd's side of it, and the console's id. */
  async function open() {
    const opened = await gateway.openRedeemed({ machine: 'lab:desk' });
    const { token, tunnel } = await gateway.token(opened);
    const page = each.add(await PageClient.open(`${tunnel}?token=${token}`));
    const session = await nextSession();
    await page.name();
    await session.write(SYNC);
    await page.expect('sync');
    return { id: opened.id, page, session };
  }

  /** The same over a socket of the test's own, which reads only when it is told to. */
  async function openRaw(): Promise<{ id: string; socket: Socket }> {
    const opened = await gateway.openRedeemed({ machine: 'lab:desk' });
    const { token } = await gateway.token(opened);
    const { hostname, port, host } = new URL(gateway.url);
    const socket = connect({ host: hostname, port: Number(port) });
    socket.on('error', () => undefined);
    each.add(() => void socket.destroy());
    socket.write(upgradeRequest(`/tunnel?token=${token}`, { Host: host }));
    await once(socket, 'readable');
    await nextSession();
    return { id: opened.id, socket };
  }

  /** Runs an attack while a neighbour works, and looks at what it did to the gateway. */
  async function unnoticed(
    attack: () => Promise<void>,
  ): Promise<{ before: Series; after: Series }> {
    const neighbour = await open();
    let attacked = true;
    let worst = 0;
    const work = async (): Promise<void> => {
      for (let count = 0; attacked; count++) {
        const began = performance.now();
        neighbour.page.send('', 'ping', count);
        await neighbour.page.expect('', UNNOTICED);
        worst = Math.max(worst, performance.now() - began);
        // No attacker: between two pings the gateway has something else to do.
        await scrape(metrics);
      }
    };
    const [before, working] = [await scrape(metrics), work()];
    await attack().finally(() => {
      attacked = false;
    });
    await working;
    const after = await scrape(metrics);
    const grown = rise(before, after, 'process_resident_memory_bytes');
    assert.ok(grown < SLACK, `the gateway has grown by ${Math.round(grown / MIB)} MiB`);
    assert.ok(worst < UNNOTICED, `a neighbour waited ${worst} ms`);
    assert.equal(neighbour.page.webSocket.readyState, neighbour.page.webSocket.OPEN);
    return { before, after };
  }

  /** How much the gateway has taken of what waits in this socket, once it takes no more. Bytes. */
  async function settled(socket: Socket): Promise<number> {
    let taken = -1;
    const stopped = async (): Promise<boolean> => {
      const last = taken;
      taken = socket.bytesWritten - socket.writableLength;
      // The gateway has work of its own to do in between, and would have read.
      for (let count = 0; count < 20; count++) await scrape(metrics);
      return taken === last;
    };
    await until(stopped, { timeout: 30_000, what: 'the gateway to stop reading' });
    return taken;
  }

  /** An attack that ends its tunnel with this status, by one log line and one number. */
  async function endsWith(status: StatusCode, attack: () => Promise<string>): Promise<void> {
    let id = '';
    const { before, after } = await unnoticed(async () => {
      id = await attack();
      assert.equal((await tunnelEnd(id)).status, status);
    });
    assert.equal(rise(before, after, `rackside_tunnels_closed_total{reason="${status}"}`), 1);
    const ended = async (): Promise<boolean> => (await gateway.view(id)).state !== 'connected';
    await until(ended, { timeout: 5000, what: 'the console to be told' });
  }

  for (const [what, bytes] of Object.entries({
    garbage: Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n'),
    'a negative length': Buffer.from('-5.error;'),
    'a huge length': Buffer.from('99999999999999999999.x'),
    'invalid UTF-8': Buffer.from([0x34, 0x2e, 0xff, 0xfe, 0xfd, 0xfc, 0x3b]),
  })) {
    it(`guacd that sends ${what} ends its own tunnel alone`, () =>
      endsWith('guacd_lost', async () => {
        const { id, page, session } = await open();
        await session.write(bytes);
        const { ws, guacamole } = STATUS.guacd_lost;
        assert.deepEqual(await page.closed, { code: ws, reason: String(guacamole) });
        await session.closed;
        return id;
      }));
  }

  it('guacd that sends an instruction without end ends its own tunnel alone', () =>
    endsWith('guacd_lost', async () => {
      const { id, session } = await open();
      const elements = Buffer.from('4.blob,'.repeat(20_000));
      let open_ = true;
      void session.closed.then(() => (open_ = false));
      while (open_) {
        await Promise.race([session.write(elements).catch(() => undefined), session.closed]);
      }
      return id;
    }));

  it('a page that never reads holds back its own guacd alone', async () => {
    const blob = Buffer.from(instruction('blob', 1, 'x'.repeat(100_000)));
    const offered = 400 * MIB;
    let id = '';
    await unnoticed(async () => {
      const stuck = await open();
      id = stuck.id;
      stuck.page.webSocket.pause();
      for (let sent = 0; sent < offered; sent += blob.length) stuck.session.socket.write(blob);
      const taken = await settled(stuck.session.socket);
      assert.ok(taken < offered / 4, `${taken} bytes were taken`);
      const waits = 'rackside_tunnel_waiting_seconds_total{for="browser"}';
      const one = (await scrape(metrics)).get(waits) ?? 0;
      await until(async () => ((await scrape(metrics)).get(waits) ?? 0) > one, {
        timeout: 5000,
        what: 'the wait to be counted while it lasts',
      });
      stuck.page.webSocket.terminate();
      stuck.session.socket.destroy();
    });
    assert.equal((await tunnelEnd(id)).status, 'client_left');
  });

  it('a page that floods keys is sent away', () =>
    endsWith('input_too_fast', async () => {
      const { id, page, session } = await open();
      session.socket.resume();
      const keys = instruction('key', 97, 1).repeat(4000);
      for (let count = 0; count < 20; count++) page.webSocket.send(keys);
      const { ws, guacamole } = STATUS.input_too_fast;
      assert.deepEqual(await page.closed, { code: ws, reason: String(guacamole) });
      return id;
    }));

  it('a page that holds down what is no key is sent away', () =>
    endsWith('instruction_invalid', async () => {
      const { id, page } = await open();
      for (let count = 0; count < 100; count++)
        page.send('key', `${'7'.repeat(16_500)}${count}`, 1);
      const { ws, guacamole } = STATUS.instruction_invalid;
      assert.deepEqual(await page.closed, { code: ws, reason: String(guacamole) });
      return id;
    }));

  it('a page that holds down thousands of keys lets go of as many as there are', () =>
    endsWith('client_left', async () => {
      const { id, page, session } = await open();
      const keys = Array.from({ length: 4000 }, (_, key) => instruction('key', key, 1));
      page.webSocket.send(keys.slice(0, 2000).join(''));
      page.webSocket.send(keys.slice(2000).join(''));
      page.webSocket.close();
      assert.deepEqual(await session.readInstruction(), ['sync', '1']);
      for (let key = 0; key < 4000; key++) {
        assert.deepEqual(await session.readInstruction(), ['key', String(key), '1']);
      }
      for (let key = 3999; key > 3999 - 256; key--) {
        assert.deepEqual(await session.readInstruction(), ['key', String(key), '0']);
      }
      assert.deepEqual(await session.readInstruction(), ['disconnect']);
      return id;
    }));

  it('a page that sends a message in thousands of pieces is sent away', () =>
    endsWith('instruction_invalid', async () => {
      const { id, page } = await open();
      for (let count = 0; count < 10_000; count++) page.webSocket.send('', { fin: false });
      assert.equal((await page.closed).code, 1008);
      return id;
    }));

  it('a browser that floods pings and reads nothing is sent away', () =>
    endsWith('input_too_fast', async () => {
      const { id, socket } = await openRaw();
      const pings = Buffer.concat(Array.from({ length: 1000 }, () => PING));
      for (let count = 0; count < 400; count++) socket.write(pings);
      return id;
    }));

  it('a browser that is half-open has left', () =>
    endsWith('client_left', async () => {
      const { id, socket } = await openRaw();
      socket.end();
      return id;
    }));

  it('2000 refused upgrades are each answered, counted and logged once', async () => {
    const total = 2000;
    const wave = 250;
    const from = logBook.text.length;
    let fastest = Infinity;
    const { before, after } = await unnoticed(async () => {
      for (let count = 0; count < total; count += wave) {
        const began = performance.now();
        const answers = await Promise.all(
          Array.from({ length: wave }, () => upgrade(gateway.url, { path: '/tunnel?token=no' })),
        );
        fastest = Math.min(fastest, performance.now() - began);
        assert.deepEqual([...new Set(answers.map(({ status }) => status))], [401]);
      }
    });
    const rate = wave / (fastest / 1000);
    assert.ok(rate >= REFUSED_RATE, `${Math.round(rate)} a second`);
    const refused = 'rackside_upgrades_refused_total{reason="token_invalid"}';
    assert.equal(rise(before, after, refused), total);
    const lines = (): number => logBook.text.slice(from).split('"upgrade refused"').length - 1;
    await until(() => lines() >= total, { timeout: 10_000, what: 'the log' });
    assert.equal(lines(), total);
  });

  it('requests that are dribbled are answered with 408, and hold no place', async () => {
    const answers = await Promise.all(dribbled.map(({ answer }) => answer));
    for (const text of answers) assert.match(text, /^HTTP\/1\.1 408 /);
    const { page } = await open();
    page.send('', 'ping', 1);
    assert.deepEqual(await page.expect(''), ['', 'ping', '1']);
  });
});

function rise(before: Series, after: Series, series: string): number {
  return (after.get(series) ?? 0) - (before.get(series) ?? 0);
}

/** A request of which a byte comes now and then, and never the last: of the head, or of the body. */
class Dribble {
  readonly answer: Promise<string>;
  readonly #socket: Socket;
  readonly #timer: NodeJS.Timeout;

  constructor({ hostname, port, host }: URL, beginning: string) {
    const socket = connect({ host: hostname, port: Number(port) });
    const slow = beginning.startsWith('POST')
      ? 'Content-Type: application/json\r\nContent-Length: 60000\r\n\r\n{'
      : 'X-Slow: ';
    const request = `${beginning}\r\nHost: ${host}\r\n${slow}`;
    let text = '';
    socket.on('error', () => undefined);
    socket.on('data', (chunk) => (text += String(chunk)));
    socket.write(request);
    this.#timer = setInterval(() => socket.write('x'), 250);
    this.#socket = socket;
    this.answer = new Promise((resolve) => {
      socket.on('close', () => {
        this.stop();
        resolve(text);
      });
    });
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#socket.destroy();
  }
}
