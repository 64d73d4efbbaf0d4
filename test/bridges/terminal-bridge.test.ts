import assert from 'node:assert/strict';
import { once } from 'node:events';
import { access, readFile } from 'node:fs/promises';
import { type Socket, connect } from 'node:net';
import { join } from 'node:path';
import { Duplex, PassThrough } from 'node:stream';
import { before, describe, it } from 'mocha';
import { GuacdBridges } from '../../server/bridges/guacd-bridges.ts';
import { type TerminalBridge, openTerminalBridge } from '../../server/bridges/terminal-bridge.ts';
import { GatewayError } from '../../server/errors.ts';
import type { TerminalTarget } from '../../server/providers/provider-context.ts';
import { cleanUp } from '../support/dispose.ts';
import { GuacdClient } from '../support/guacd-client.ts';
import { startGuacd } from '../support/guacd.ts';
import { logBook } from '../support/log-book.ts';
import type { ServerProcess } from '../support/server-process.ts';
import { type ShellPeer, startShell } from '../support/shell.ts';
import { until } from '../support/until.ts';

const IAC = 255;
const NAWS = [250, 31];
const END = [IAC, 240];
/** What a bridge says first: it echoes, it knows no half-duplex, it wants the size; and its prompt. */
const OPENING = Buffer.from([IAC, 251, 1, IAC, 251, 3, IAC, 253, 31, 0x1b, 0x5b, 0x30, 0x6d]);

/** A terminal of which a test has the other end. */
function pair(): { near: Duplex; typed: PassThrough; shown: PassThrough } {
  const [typed, shown] = [new PassThrough(), new PassThrough()];
  return { near: Duplex.from({ readable: shown, writable: typed }), typed, shown };
}

describe('the bridge to a terminal', () => {
  const each = cleanUp('each');
  const faults: GatewayError[] = [];
  const nobodyLeaves = new AbortController();
  const asked = {
    onFault: (error: Error) => void faults.push(error as GatewayError),
    signal: nobodyLeaves.signal,
  };

  async function open(reach: () => Promise<TerminalTarget>): Promise<TerminalBridge> {
    faults.length = 0;
    const bridge = await openTerminalBridge({ host: '127.0.0.1', reach, ...asked });
    logBook.secret(bridge.password);
    each.add(() => bridge.close());
    return bridge;
  }

  /** A client that has said the password, and what it has got after the prompt. */
  async function signIn({ host, port, password }: TerminalBridge, before = '') {
    const socket = connect(port, host);
    each.add(() => socket.destroy());
    await once(socket, 'connect');
    const got: Buffer[] = [];
    socket.on('data', (chunk: Buffer) => got.push(chunk)).on('error', () => undefined);
    socket.write(`${before}${password}\r`);
    return { socket, got: () => Buffer.concat(got).subarray(OPENING.length) };
  }

  const contains = (stream: PassThrough, text: string | Buffer) => {
    const chunks: Buffer[] = [];
    stream.on('data', (chunk: Buffer) => chunks.push(chunk));
    return until(() => Buffer.concat(chunks).includes(text) && Buffer.concat(chunks), {
      timeout: 3000,
      what: 'what is typed',
    });
  };

  async function oneByOne(socket: Socket, bytes: readonly number[]): Promise<void> {
    socket.setNoDelay(true);
    for (const byte of bytes) {
      await new Promise((sent) => {
        socket.write(Buffer.from([byte]), sent);
      });
    }
  }

  it('shows what the terminal showed before guacd came, and passes every byte', async () => {
    const { near, typed, shown } = pair();
    const bridge = await open(async () => ({ stream: near }));
    const every = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));
    shown.write('login: ');
    shown.write(every);
    const { socket, got } = await signIn(bridge);
    const doubled = Buffer.concat([Buffer.from('login: '), every, Buffer.from([IAC])]);
    await until(() => got().equals(doubled), { timeout: 3000, what: 'all that was shown' });
    const arrives = contains(typed, 'ends');
    await oneByOne(socket, [...Buffer.from('a\r\0b'), IAC, IAC, ...Buffer.from('ends')]);
    assert.deepEqual(
      await arrives,
      Buffer.from([...Buffer.from('a\rb'), IAC, ...Buffer.from('ends')]),
    );
  });

  it('takes telnet’s own words out, cut up however they are, and tells each size of the window', async () => {
    const { near, typed } = pair();
    const sizes: unknown[] = [];
    const bridge = await open(async () => ({ stream: near, resize: (size) => sizes.push(size) }));
    const { socket } = await signIn(bridge);
    const arrives = contains(typed, 'cd');
    await oneByOne(socket, [IAC, ...NAWS, 0, 120, 0, 40, ...END]);
    await until(() => sizes.length === 1, { timeout: 3000, what: 'the first size' });
    await oneByOne(socket, [
      ...[...Buffer.from('a'), IAC, 252, 31, IAC, 253, 1, IAC, 241, ...Buffer.from('b')],
      // 255 columns are sent as two bytes of 255.
      ...[IAC, ...NAWS, 0, IAC, IAC, 0, 50, ...END],
      ...[IAC, ...NAWS, 0, 0, 0, 0, ...END, IAC, ...NAWS, 0, ...END, IAC, 250, 24, 1, ...END],
      ...Buffer.from('cd'),
    ]);
    assert.equal(String(await arrives), 'abcd');
    assert.deepEqual(sizes, [
      { columns: 120, rows: 40 },
      { columns: 255, rows: 50 },
    ]);
  });

  it('lets in who has typed before the password, and keeps what is typed after it', async () => {
    const { near, typed } = pair();
    const { socket } = await signIn(await open(async () => ({ stream: near })), 'ls');
    const arrives = contains(typed, 'after');
    socket.write('after');
    assert.equal(String(await arrives), 'after');
  });

  it('lets nobody in who does not know its password', async () => {
    const { near, shown } = pair();
    const bridge = await open(async () => ({ stream: near }));
    shown.write('secret');
    for (const said of ['wrong\r', '\r', 'x'.repeat(2000)]) {
      const socket = connect(bridge.port, bridge.host);
      each.add(() => socket.destroy());
      const got: Buffer[] = [];
      socket.on('data', (chunk: Buffer) => got.push(chunk)).on('error', () => undefined);
      socket.write(said);
      await once(socket, 'close');
      assert.deepEqual(Buffer.concat(got), OPENING);
    }
    assert.deepEqual(
      faults.map(({ status }) => status),
      ['target_refused', 'target_refused', 'target_refused'],
    );
  });

  it('ends with the terminal, and tells an end from a break', async () => {
    const ended = pair();
    const first = await signIn(await open(async () => ({ stream: ended.near })));
    ended.shown.end('bye');
    await once(first.socket, 'close');
    assert.deepEqual([String(first.got()), faults], ['bye', []]);

    const broken = pair();
    const second = await signIn(await open(async () => ({ stream: broken.near })));
    broken.shown.write('hello');
    await until(() => String(second.got()) === 'hello', { timeout: 3000, what: 'hello' });
    broken.near.destroy(new Error('ECONNRESET'));
    await once(second.socket, 'close');
    await until(() => faults.length > 0, { timeout: 3000, what: 'the fault' });
    assert.deepEqual(
      faults.map(({ status }) => status),
      ['target_lost'],
    );
  });

  it('says at once that the terminal cannot be reached', async () => {
    const unreachable = new GatewayError('target_unreachable', 'there is none');
    await assert.rejects(
      open(() => Promise.reject(unreachable)),
      unreachable,
    );
  });

  describe('with the real guacd', () => {
    const suite = cleanUp();
    let guacd: ServerProcess;
    let shell: ShellPeer;

    before(async () => {
      guacd = await suite.start(startGuacd());
    });

    it('draws a shell, and types into it in a window of the page’s size', async () => {
      shell = await each.start(startShell());
      const resized: unknown[] = [];
      const endpoint = await new GuacdBridges({ listen: '127.0.0.1' }).openTerminal({
        ...asked,
        reach: async () => ({
          stream: shell.stream,
          resize: ({ columns, rows }) => resized.push(shell.resize(columns, rows)),
        }),
      });
      each.add(() => endpoint.release());
      const { host, port, protocol, parameters, bridged } = endpoint;
      logBook.secret(parameters['password'] ?? '');
      assert.deepEqual([protocol, bridged], ['telnet', true]);
      const client = await GuacdClient.open(
        guacd.port,
        protocol,
        { hostname: host, port, ...parameters, 'typescript-path': shell.home },
        { width: 1200, height: 600 },
      );
      each.add(client);
      await client.expect('img');
      await until(() => access(shell.prompted).then(() => true), {
        timeout: 5000,
        what: 'a prompt',
      });
      await until(() => resized.length > 0, { timeout: 5000, what: 'the size' });
      await Promise.all(resized);
      client.type('stty size > size; echo hello > typed\n');
      const read = (name: string) => readFile(join(shell.home, name), 'utf8');
      await until(async () => (await read('typed')) === 'hello\n', {
        timeout: 5000,
        what: 'the typed file',
      });
      const [rows = 0, columns = 0] = (await read('size')).split(' ').map(Number);
      assert.ok(columns > 100 && rows > 20 && columns > 3 * rows, `${columns} by ${rows}`);
      const drawn = await read('typescript');
      assert.match(drawn, /Welcome/);
      assert.ok(!drawn.includes(parameters['password'] ?? ''), 'the password is not seen');
      client.type('exit\n');
      await client.expect('disconnect');
      assert.deepEqual(faults, []);
    });
  });
});
