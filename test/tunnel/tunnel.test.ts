import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';
import * as fc from 'fast-check';
import { describe, it } from 'mocha';
import type { TunnelGrant } from '../../server/consoles/tunnel-port.ts';
import { STATUS } from '../../server/contract/index.ts';
import { cleanUp } from '../support/dispose.ts';
import { ScriptedGuacd } from '../support/guacd-script.ts';
import { instruction } from '../support/instructions.ts';
import { until } from '../support/until.ts';
import { upgradeRequest } from './support/raw-upgrade.ts';
import { SECRET, TestGateway, type TestGatewayOptions, testGrant } from './support/test-gateway.ts';

const SYNC = instruction('sync', 1);
/** What a tunnel may ever hold for a peer that does not read, in bytes. */
const BUFFER_BOUND = 1_000_000;

describe('a tunnel', () => {
  const own = cleanUp('each');

  async function start(options?: TestGatewayOptions, changes: Partial<TunnelGrant> = {}) {
    const guacd = await own.start(ScriptedGuacd.start());
    const gateway = await own.start(TestGateway.start(options));
    const address = { guacd: { host: guacd.host, port: guacd.port }, ...changes };
    return {
      gateway,
      guacd,
      address,
      /** A page and guacd's side of its session, before the handshake. */
      async dial(more: Partial<TunnelGrant> = {}) {
        const page = own.add(await gateway.open({ ...address, ...more }));
        return { page, session: await guacd.nextConnection() };
      },
      /** A page of which only the socket is there, after the handshake. */
      async raw() {
        const token = await gateway.token(testGrant(address));
        const socket = connect({ port: gateway.port, host: '127.0.0.1' });
        own.add(() => void socket.destroy());
        socket.on('error', () => {}).resume();
        socket.write(upgradeRequest(`/tunnel?token=${token}`));
        const session = await guacd.nextConnection();
        await session.handshake();
        return { socket, session };
      },
      /** A page and guacd's side, relaying; `picture` also after the first frame. */
      async open({ picture = true, ...more }: Partial<TunnelGrant> & { picture?: boolean } = {}) {
        const { page, session } = await this.dial(more);
        await session.handshake();
        const name = await page.name();
        if (picture) {
          await session.write(SYNC);
          await page.expect('sync');
          await session.readInstruction();
        }
        return { page, session, name };
      },
    };
  }

  describe('relays', () => {
    it('guacd to the page and the page to guacd, its own name first', async () => {
      const tunnel = await start();
      const { page, session, name } = await tunnel.open();
      assert.match(name, /^[0-9a-f-]{36}$/);
      await session.write(instruction('clipboard', 0, 'text/plain') + instruction('ж', '😀'));
      assert.deepEqual(await page.read(), ['clipboard', '0', 'text/plain']);
      assert.deepEqual(await page.read(), ['ж', '😀']);
      page.send('key', 0x1f600, 1);
      assert.deepEqual(await session.readInstruction(), ['key', String(0x1f600), '1']);
      const events = tunnel.gateway.events.map(({ event, tunnelId }) => [event, tunnelId]);
      assert.deepEqual(events, [
        ['opened', name],
        ['pictured', name],
        ['used', 'console-1'],
      ]);
    });

    it('every byte unchanged, whatever the segments', async () => {
      const tunnel = await start();
      const { page, session } = await tunnel.open();
      const texts = fc.sample(
        fc.array(fc.string({ unit: 'binary', maxLength: 200 }), { minLength: 1, maxLength: 4 }),
        300,
      );
      const sent = texts.map((elements) => instruction('blob', ...elements)).join('');
      const before = page.messages.length;
      const bytes = Buffer.from(sent);
      await session.dribble(bytes.subarray(0, 3000));
      for (let at = 3000; at < bytes.length; at += 777) {
        await session.write(bytes.subarray(at, at + 777));
      }
      await session.write(SYNC);
      await page.expect('sync');
      assert.equal(Buffer.concat(page.messages.slice(before)).toString(), sent + SYNC);
    });

    it('an instruction of 10 MB, and a ping is still echoed after it', async () => {
      const tunnel = await start();
      const { page, session } = await tunnel.open();
      const huge = instruction('blob', 1, '漢😀'.repeat(1_500_000));
      const bytes = Buffer.from(huge);
      await session.write(bytes.subarray(0, 5_000_000));
      page.send('', 'ping', 1);
      await session.write(bytes.subarray(5_000_000));
      const [, , content] = await page.expect('blob');
      assert.equal(content, '漢😀'.repeat(1_500_000));
      assert.deepEqual(await page.read(), ['', 'ping', '1']);
    });

    it('what came in one segment with ready', async () => {
      const tunnel = await start();
      const { page, session } = await tunnel.dial();
      await session.readInstruction();
      await session.write(instruction('args', 'VERSION_1_3_0'));
      await session.write(instruction('ready', '$1') + SYNC + instruction('size', 0, 1, 1));
      await page.name();
      assert.deepEqual(await page.read(), ['sync', '1']);
      assert.deepEqual(await page.read(), ['size', '0', '1', '1']);
    });

    it('what the page sent before guacd was ready, afterwards and in order', async () => {
      const tunnel = await start();
      const { page, session } = await tunnel.dial();
      page.send('key', 65, 1);
      page.send('', 'ping', 5);
      assert.deepEqual(await page.read(), ['', 'ping', '5']);
      page.send('key', 65, 0);
      await session.handshake();
      assert.deepEqual(await session.readInstruction(), ['key', '65', '1']);
      assert.deepEqual(await session.readInstruction(), ['key', '65', '0']);
    });

    it('the grant to guacd in one segment, credentials intact, and tells the page nothing of it', async () => {
      const tunnel = await start();
      const { page, session } = await tunnel.dial();
      await session.readInstruction();
      const segments: Buffer[] = [];
      session.socket.on('data', (chunk: Buffer) => void segments.push(chunk));
      await session.write(instruction('args', 'VERSION_1_3_0', 'hostname', 'password'));
      await until(() => Buffer.concat(segments).includes('7.connect'), {
        timeout: 2000,
        what: 'the reply',
      });
      assert.equal(segments.length, 1);
      const sent = instruction('connect', 'VERSION_1_3_0', '127.0.0.1', SECRET);
      assert.ok(segments[0]?.toString().endsWith(sent));
      await session.write(instruction('ready', '$1'));
      await page.name();
      assert.equal(Buffer.concat(page.messages).includes(SECRET), false);
      assert.equal(tunnel.gateway.log.includes(SECRET), false);
    });

    it('nothing of a read-only page but what the session needs', async () => {
      const tunnel = await start();
      const { page, session } = await tunnel.open({ readOnly: true });
      page.send('key', 65, 1);
      page.send('mouse', 1, 1, 1);
      page.send('clipboard', 0, 'text/plain');
      page.send('nop');
      assert.deepEqual(await session.readInstruction(), ['nop']);
    });
  });

  describe('tells the page, guacd and the domain once why it ended', () => {
    it('when the console is closed', async () => {
      const tunnel = await start();
      const { page, session } = await tunnel.open();
      tunnel.gateway.tunnels.closeConsole('another', 'ended', 'not this one');
      tunnel.gateway.tunnels.closeConsole('console-1', 'killed', 'an operator closed it');
      assert.deepEqual(await page.read(), ['error', 'console_killed', '523']);
      assert.deepEqual(await page.read(), ['disconnect']);
      assert.deepEqual(await page.closed, { code: 4004, reason: '523' });
      assert.deepEqual(await session.readInstruction(), ['disconnect']);
      await session.closed;
      const end = { status: 'console_killed', message: 'an operator closed it' };
      assert.deepEqual(await tunnel.gateway.end(), end);
      tunnel.gateway.tunnels.closeConsole('console-1', 'killed', 'again');
      const closed = tunnel.gateway.events.filter(({ event }) => event === 'closed');
      assert.equal(closed.length, 1);
      const lines = tunnel.gateway.log.split('\n').filter((line) => line.includes('tunnel closed'));
      assert.equal(lines.length, 1);
      const line = JSON.parse(lines[0] ?? '');
      assert.equal(line.level, 'info');
      assert.equal(line.consoleId, 'console-1');
      assert.equal(line.machine, 'lab:desk');
      assert.equal(line.status, 'console_killed');
      assert.ok(line.bytesOut > 0 && line.bytesIn > 0 && line.seconds >= 0);
    });

    it('when its deadline has passed, wherever that was moved', async () => {
      const tunnel = await start();
      const { page } = await tunnel.open({ deadline: Date.now() + 60_000 });
      tunnel.gateway.tunnels.setDeadline('console-1', Date.now() + 7_200_000_000);
      tunnel.gateway.tunnels.setDeadline('console-1', Date.now() + 50);
      assert.equal((await tunnel.gateway.end()).status, 'console_expired');
      assert.deepEqual(await page.closed, { code: 4001, reason: '522' });
    });

    it('when the gateway stops, which is done when the sockets are closed', async () => {
      const tunnel = await start();
      const sessions = [await tunnel.open(), await tunnel.open({ consoleId: 'console-2' })];
      assert.equal(tunnel.gateway.tunnels.size, 2);
      await Promise.all([tunnel.gateway.tunnels.close(), tunnel.gateway.tunnels.close()]);
      assert.equal(tunnel.gateway.tunnels.size, 0);
      for (const { page, session } of sessions) {
        assert.deepEqual(await page.closed, { code: 1012, reason: '513' });
        await session.closed;
      }
    });

    it('when the page leaves: guacd is told, nothing failed', async () => {
      const tunnel = await start();
      const leaving = [
        (page: Awaited<ReturnType<typeof tunnel.open>>['page']) => page.send('disconnect'),
        (page: Awaited<ReturnType<typeof tunnel.open>>['page']) => page.webSocket.close(),
        (page: Awaited<ReturnType<typeof tunnel.open>>['page']) => page.webSocket.terminate(),
      ];
      for (const leave of leaving) {
        const { page, session } = await tunnel.open();
        leave(page);
        assert.equal((await tunnel.gateway.end()).status, 'client_left');
        assert.deepEqual(await session.readInstruction(), ['disconnect']);
        await session.closed;
      }
    });

    it('when the page leaves before guacd is ready', async () => {
      const tunnel = await start();
      const { page, session } = await tunnel.dial();
      page.webSocket.terminate();
      assert.equal((await tunnel.gateway.end()).status, 'client_left');
      await session.closed;
      assert.equal(tunnel.gateway.tunnels.size, 0);
    });

    it('when guacd reports an error: with our status in place of its own, after all that came before', async () => {
      const tunnel = await start();
      const { page, session } = await tunnel.open();
      const aborted = instruction('error', 'Aborted. See logs.', 515) + instruction('disconnect');
      await session.write(instruction('size', 0, 1, 1) + aborted + instruction('size', 0, 2, 2));
      assert.deepEqual(await page.read(), ['size', '0', '1', '1']);
      assert.deepEqual(await page.read(), ['error', 'target_lost', '515']);
      assert.deepEqual(await page.read(), ['disconnect']);
      assert.deepEqual(await page.closed, { code: 1014, reason: '515' });
      await session.closed;
      assert.match((await tunnel.gateway.end()).message, /^lab:desk: /);
    });

    it('when guacd says disconnect: ended after a picture, lost before', async () => {
      const tunnel = await start();
      const ended = await tunnel.open();
      await ended.session.write(instruction('disconnect'));
      assert.equal((await tunnel.gateway.end()).status, 'console_ended');
      const machine = createServer((socket) => socket.end('RFB 003.008\n')).listen(0, '127.0.0.1');
      own.add(() => machine.close());
      await once(machine, 'listening');
      const { port } = machine.address() as AddressInfo;
      const parameters = { hostname: '127.0.0.1', port: String(port) };
      const lost = await tunnel.open({ picture: false, parameters });
      await lost.session.write(instruction('disconnect'));
      assert.equal((await tunnel.gateway.end()).status, 'target_lost');
    });

    it('when guacd asks for credentials that nobody gave it', async () => {
      const tunnel = await start();
      const { page, session } = await tunnel.open({ picture: false });
      await session.write(instruction('required', 'username', 'password'));
      const { status, message } = await tunnel.gateway.end();
      assert.equal(status, 'target_credentials_refused');
      assert.match(message, /username and password/);
      assert.equal((await page.closed).reason, '769');
    });

    it('when guacd asks, the page may answer, and nobody does', async () => {
      const tunnel = await start({ limits: { answer: 100 } });
      const { page, session } = await tunnel.open({ picture: false, asks: true });
      await session.write(instruction('required', 'password'));
      assert.deepEqual(await page.expect('required'), ['required', 'password']);
      assert.equal((await tunnel.gateway.end()).status, 'target_credentials_missing');
    });

    it('when guacd asks for what no person is to be asked', async () => {
      const cases = [
        { asked: 'hostname', asks: true },
        { asked: 'password', asks: true, readOnly: true },
        { asked: 'password', asks: true, viewer: { id: 'v1', until: null } },
      ] as const;
      const tunnel = await start();
      for (const { asked, ...grant } of cases) {
        const { page, session } = await tunnel.open({ picture: false, ...grant });
        await session.write(instruction('required', asked));
        await page.closed;
        const status = 'viewer' in grant ? 'not_running' : 'target_credentials_refused';
        assert.equal((await tunnel.gateway.end()).status, status);
      }
    });

    it('when guacd accepts no connection, or hangs up in the handshake a second time', async () => {
      const tunnel = await start();
      const { session } = await tunnel.dial();
      session.socket.destroy();
      const again = await tunnel.guacd.nextConnection();
      await again.readInstruction();
      await again.write(instruction('args', 'VERSION_1_3_0'));
      again.socket.destroy();
      assert.equal((await tunnel.gateway.end()).status, 'guacd_unavailable');
      await tunnel.guacd.stop();
      const page = await tunnel.gateway.open(tunnel.address);
      assert.deepEqual(await page.closed, { code: 1013, reason: '520' });
      const { status, message } = await tunnel.gateway.end();
      assert.equal(status, 'guacd_unavailable');
      assert.match(message, /ECONNREFUSED/);
      const path = { path: '/nonexistent/guacd.sock' };
      assert.deepEqual(
        (await tunnel.gateway.open({ guacd: path })).closed instanceof Promise,
        true,
      );
      assert.match((await tunnel.gateway.end()).message, /ENOENT/);
    });

    it('when guacd leaves select or connect unanswered', async () => {
      const tunnel = await start({ limits: { args: 100, ready: 100 } });
      const first = await tunnel.dial();
      const silent = await tunnel.gateway.end();
      assert.equal(silent.status, 'guacd_unavailable');
      assert.match(silent.message, /plugin/);
      await first.session.closed;
      const second = await tunnel.dial();
      await second.session.write(instruction('args', 'VERSION_1_3_0'));
      assert.match((await tunnel.gateway.end()).message, /does not start/);
    });

    it('when guacd closes without a word: the session alone, or all of guacd', async () => {
      const tunnel = await start();
      const one = await tunnel.open();
      one.session.socket.destroy();
      assert.equal((await tunnel.gateway.end()).status, 'target_lost');
      await tunnel.guacd.nextConnection(); // the look at whether guacd is there
      await tunnel.open();
      await tunnel.guacd.stop();
      assert.equal((await tunnel.gateway.end()).status, 'guacd_lost');
    });
  });

  describe('notices silence', () => {
    it('of guacd, which says something every 5 s when it lives', async () => {
      const tunnel = await start({ limits: { guacdSilence: 150 } });
      const { page, session } = await tunnel.open();
      // Half-open: reads nothing, sends nothing, and stays.
      session.socket.pause();
      assert.equal((await tunnel.gateway.end()).status, 'target_lost');
      assert.equal((await page.closed).reason, '515');
    });

    it('of the page, whose process answers pings however asleep its scripts are', async () => {
      const tunnel = await start({ limits: { clientPing: 50 } });
      const { page } = await tunnel.open();
      let pings = 0;
      page.webSocket.on('ping', () => pings++);
      await until(() => pings > 5, { timeout: 5000, what: 'pings' });
      assert.equal(tunnel.gateway.tunnels.size, 1);
      page.webSocket.pause();
      assert.equal((await tunnel.gateway.end()).status, 'client_timeout');
    });

    it('of the page that is not read any more, for it floods and reads nothing', async () => {
      const tunnel = await start({ limits: { clientPing: 100 } });
      const { page } = await tunnel.open();
      page.webSocket.pause();
      const ping = instruction('', 'ping', 'x'.repeat(30_000));
      for (let count = 0; count < 2000; count++) page.webSocket.send(ping);
      assert.equal((await tunnel.gateway.end()).status, 'client_timeout');
    });

    it('of the page in the middle of a frame', async () => {
      const tunnel = await start({ limits: { clientPing: 50 } });
      const { socket } = await tunnel.raw();
      // A masked text frame of 100 bytes, of which one comes now and then.
      socket.write(Buffer.from([0x81, 0x80 + 100, 0, 0, 0, 0]));
      const dribble = setInterval(() => socket.write('1'), 20);
      own.add(() => clearInterval(dribble));
      assert.equal((await tunnel.gateway.end()).status, 'client_timeout');
    });

    it('of a machine that is reached and shows nothing, and not of one that has shown something', async () => {
      const tunnel = await start({ limits: { picture: 60 } });
      await tunnel.open();
      const blank = await tunnel.open({ picture: false });
      const end = await tunnel.gateway.end();
      assert.equal(end.status, 'target_timeout');
      assert.equal((await blank.page.closed).reason, '514');
      assert.equal(tunnel.gateway.tunnels.size, 1);
    });

    it('and keeps a quiet page from being one to guacd', async () => {
      const tunnel = await start({ limits: { guacdSilence: 300 } });
      const { session } = await tunnel.open();
      const alive = setInterval(() => void session.write(instruction('nop')), 50);
      own.add(() => clearInterval(alive));
      for (let count = 0; count < 3; count++) {
        assert.deepEqual(await session.readInstruction(), ['nop']);
      }
      assert.equal(tunnel.gateway.tunnels.size, 1);
    });
  });

  describe('survives', () => {
    for (const [what, bytes] of Object.entries({
      garbage: Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n'),
      'a negative length': Buffer.from('-5.error;'),
      'a huge length': Buffer.from('99999999999999999999.x'),
      'an instruction of 4 GB': Buffer.from('4294967295.x'),
      'invalid UTF-8': Buffer.from([0x34, 0x2e, 0xff, 0xfe, 0xfd, 0xfc, 0x3b]),
    })) {
      it(`${what} from guacd, and no other tunnel notices`, async () => {
        const tunnel = await start();
        const other = await tunnel.open();
        const { page, session } = await tunnel.open();
        await session.write(Buffer.concat([Buffer.from(SYNC), bytes]));
        assert.deepEqual(await page.read(), ['sync', '1']);
        assert.deepEqual(await page.read(), ['error', 'guacd_lost', '520']);
        assert.deepEqual(await page.closed, { code: 1014, reason: '520' });
        await session.closed;
        assert.equal((await tunnel.gateway.end()).status, 'guacd_lost');
        await other.session.write(instruction('size', 0, 1, 1));
        assert.equal((await other.page.read())[0], 'size');
      });
    }

    it('an endless handshake, with a bounded buffer', async () => {
      const tunnel = await start();
      const { session } = await tunnel.dial();
      const flood = Buffer.from('1.x,'.repeat(100_000));
      void session.write(flood).catch(() => {});
      assert.equal((await tunnel.gateway.end()).status, 'guacd_lost');
    });

    it('a handshake of instructions without end', async () => {
      const tunnel = await start();
      const { session } = await tunnel.dial();
      void session.write('0.;'.repeat(1_000_000)).catch(() => {});
      const { status, message } = await tunnel.gateway.end();
      assert.equal(status, 'guacd_lost');
      assert.match(message, /not of the handshake/);
    });

    it('a guacd that stalls in the middle of an instruction', async () => {
      const tunnel = await start({ limits: { guacdSilence: 150 } });
      const { page, session } = await tunnel.open();
      await session.write('10.half');
      assert.equal((await tunnel.gateway.end()).status, 'target_lost');
      assert.deepEqual(await page.read(), ['error', 'target_lost', '515']);
    });

    it('the end in the middle of a message of several frames: the reason still tells', async () => {
      const tunnel = await start();
      const { page, session } = await tunnel.open();
      await session.write(`4.blob,1.1,1000000.${'x'.repeat(500_000)}`);
      await until(() => page.messages.length > 0, { timeout: 2000, what: 'the first messages' });
      tunnel.gateway.tunnels.closeConsole('console-1', 'ended', 'it was closed');
      assert.deepEqual(await page.closed, { code: 4003, reason: '518' });
    });

    const hostile: [string, string | Buffer, string, string][] = [
      ['a binary message', Buffer.from(SYNC), 'instruction_invalid', '768'],
      ['half an instruction', '4.sync,1.', 'instruction_invalid', '768'],
      ['garbage', 'GET / HTTP/1.1', 'instruction_invalid', '768'],
      ['another select', instruction('select', 'ssh'), 'instruction_invalid', '768'],
      ['a large message', instruction('x', 'y'.repeat(100_000)), 'instruction_too_large', '781'],
    ];
    for (const [what, message, status, number] of hostile) {
      it(`${what} from the page, with one status`, async () => {
        const tunnel = await start();
        const { page, session } = await tunnel.open();
        page.webSocket.send(message);
        assert.deepEqual(await page.read(), ['error', status, number]);
        assert.equal((await page.closed).reason, number);
        await session.closed;
        assert.equal((await tunnel.gateway.end()).status, status);
      });
    }

    it('an absurdly large message from the page, closed by ws with 1009', async () => {
      const tunnel = await start();
      const { page } = await tunnel.open();
      page.webSocket.send(instruction('x', 'y'.repeat(2_000_000)));
      assert.equal((await page.closed).code, 1009);
      assert.equal((await tunnel.gateway.end()).status, 'instruction_too_large');
    });

    it('a page that talks without end before guacd is ready', async () => {
      const tunnel = await start();
      const { page } = await tunnel.dial();
      for (let count = 0; count < 20; count++) page.send('x', 'y'.repeat(5000));
      assert.equal((await tunnel.gateway.end()).status, 'instruction_too_large');
    });

    it('a page that sends more than anybody could, but not a burst', async () => {
      const tunnel = await start({ limits: { inputRate: 100, inputBurst: 1000 } });
      const { page, session } = await tunnel.open();
      session.socket.resume();
      const moves = instruction('mouse', 1, 2, 0).repeat(900);
      page.webSocket.send(moves);
      page.send('', 'ping', 1);
      await page.expect('');
      page.webSocket.send(moves);
      const { ws, guacamole } = STATUS.input_too_fast;
      assert.deepEqual(await page.closed, { code: ws, reason: String(guacamole) });
      assert.equal((await tunnel.gateway.end()).status, 'input_too_fast');
    });

    it('a page of which only one half is closed', async () => {
      const tunnel = await start();
      const { socket, session } = await tunnel.raw();
      socket.end();
      assert.equal((await tunnel.gateway.end()).status, 'client_left');
      await session.closed;
    });

    it('a page that pings, whose pings are answered, and which floods them no more than anything', async () => {
      const tunnel = await start({ limits: { inputRate: 100, inputBurst: 500 } });
      const { page } = await tunnel.open();
      page.webSocket.ping('here');
      const [answer] = await once(page.webSocket, 'pong');
      assert.equal(String(answer), 'here');
      for (let count = 0; count < 1000; count++) page.webSocket.ping();
      assert.equal((await tunnel.gateway.end()).status, 'input_too_fast');
    });

    it('a page that never answers the closing handshake', async () => {
      const tunnel = await start({ limits: { close: 100 } });
      const { page } = await tunnel.open();
      page.webSocket.pause();
      await tunnel.gateway.tunnels.close();
      // It was told all the same.
      page.webSocket.resume();
      const { ws, guacamole } = STATUS.shutting_down;
      assert.deepEqual(await page.closed, { code: ws, reason: String(guacamole) });
    });
  });

  describe('holds back', () => {
    /**
     * Waits until the busiest tunnel's bytes change no more while another one makes 30 round trips
     * (a gateway that went on reading would have read in between), and returns their number.
     */
    async function settled(tunnel: Awaited<ReturnType<typeof start>>): Promise<number> {
      const { page } = await tunnel.open({ consoleId: 'another' });
      let last = 0;
      for (let unchanged = 0; unchanged < 30; unchanged++) {
        page.send('', 'ping', unchanged);
        await page.expect('');
        if (tunnel.gateway.busiest !== last) unchanged = 0;
        last = tunnel.gateway.busiest;
      }
      const { buffered } = tunnel.gateway;
      assert.ok(buffered < BUFFER_BOUND, `${buffered} bytes wait in the gateway`);
      return last;
    }

    it('guacd while the page does not read, and loses no byte', async () => {
      const tunnel = await start();
      const { page, session } = await tunnel.open();
      page.webSocket.pause();
      const blob = Buffer.from(instruction('blob', 1, 'x'.repeat(100_000)));
      const [before, total] = [createHash('sha256'), 600];
      for (let count = 0; count < total; count++) {
        before.update(blob);
        session.socket.write(blob);
      }
      before.update(SYNC);
      session.socket.write(SYNC);
      // Kernel buffers take a few MB; past them, what is sent stays at its sender.
      const taken = await settled(tunnel);
      assert.ok(taken < (total * blob.length) / 2, `${taken} bytes were taken`);
      const seen = page.messages.length;
      page.webSocket.resume();
      await page.expect('sync', 20_000);
      const after = createHash('sha256');
      for (const message of page.messages.slice(seen)) after.update(message);
      assert.equal(after.digest('hex'), before.digest('hex'));
    });

    it('guacd for a viewer’s sake no longer than a moment, and for the holder’s as long as it takes', async () => {
      const tunnel = await start({ limits: { viewerHold: 50 } });
      const viewer = { id: 'v1', until: Date.now() + 60_000 };
      const [holding, viewing] = [await tunnel.open(), await tunnel.open({ viewer })];
      const blob = instruction('blob', 1, 'x'.repeat(100_000));
      for (const { page, session } of [holding, viewing]) {
        page.webSocket.pause();
        for (let count = 0; count < 300; count++) session.socket.write(blob);
      }
      assert.equal((await tunnel.gateway.end()).status, 'viewer_too_slow');
      assert.equal(tunnel.gateway.tunnels.size, 1);
      viewing.page.webSocket.resume();
      assert.deepEqual(await viewing.page.closed, { code: 1013, reason: '776' });
      holding.session.socket.write(SYNC);
      holding.page.webSocket.resume();
      await holding.page.expect('sync', 15_000);
    });

    it('the page while guacd does not read, and loses no instruction', async () => {
      const tunnel = await start();
      const { page, session } = await tunnel.open();
      session.socket.pause();
      const total = 1000;
      for (let count = 0; count < total; count++) page.send('blob', count, 'x'.repeat(50_000));
      const taken = await settled(tunnel);
      assert.ok(taken < (total * 50_000) / 2, `${taken} bytes were taken`);
      session.socket.resume();
      for (let count = 0; count < total; count++) {
        let next = await session.readInstruction();
        // The gateway's own, whenever this takes long.
        while (next[0] === 'nop') next = await session.readInstruction();
        assert.equal(next[1], String(count), next.join().slice(0, 200));
      }
    });

    it('a page that floods pings and reads none of their echoes', async () => {
      const tunnel = await start();
      const { page } = await tunnel.open();
      page.webSocket.pause();
      const ping = instruction('', 'ping', 'x'.repeat(30_000));
      for (let count = 0; count < 2000; count++) page.webSocket.send(ping);
      const taken = await settled(tunnel);
      assert.ok(taken < 2000 * 15_000, `${taken} bytes were taken`);
      page.webSocket.terminate();
      await once(page.webSocket, 'close');
      assert.equal((await tunnel.gateway.end()).status, 'client_left');
    });
  });
});
