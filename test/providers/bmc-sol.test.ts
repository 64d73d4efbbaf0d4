import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, type Server, type Socket, connect, createServer } from 'node:net';
import type { Duplex } from 'node:stream';
import { before, describe, it } from 'mocha';
import type { GatewayError } from '../../server/errors.ts';
import { Ipmitool } from '../../server/providers/bmc/ipmitool.ts';
import { SharedLine } from '../../server/providers/bmc/serial/shared-line.ts';
import { openSol } from '../../server/providers/bmc/serial/sol.ts';
import { Secret } from '../../server/secret.ts';
import { cleanUp } from '../support/dispose.ts';
import { IpmiPeer } from '../support/ipmi.ts';
import { runningWith } from '../support/running.ts';
import { until } from '../support/until.ts';
import { bmcProvider } from './support/bmc.ts';

/** Time of ipmitool's own, which asks a BMC twice before it gives it up. ms */
const NOTICES = 60_000;

describe('serial over LAN', () => {
  const suite = cleanUp();
  const each = cleanUp('each');
  const { signal } = new AbortController();
  let ipmi: IpmiPeer;
  /** What was typed into the serial port, and its other end. */
  let typed = '';
  let port: Server;
  let wire: Socket | undefined;

  before(async () => {
    port = createServer((socket) => {
      wire = socket.on('error', () => undefined);
      socket.on('data', (chunk) => (typed += chunk.toString('latin1')));
    }).listen(0, '127.0.0.1');
    suite.add(() => {
      wire?.destroy();
      port.close();
    });
    await once(port, 'listening');
    const { port: serialPort } = port.address() as AddressInfo;
    ipmi = await suite.start(IpmiPeer.start({ serialPort }));
  });

  function parts(more: object = {}) {
    const { host, port: at, admin } = ipmi;
    const account = { username: admin.username, password: new Secret(admin.password) };
    const level = { cipherSuite: 3, privilege: 'ADMINISTRATOR' };
    const ipmitool = new Ipmitool({
      ...{ name: 'metal: old', host, port: at, now: Date.now },
      ...{ ...account, ...level, ...more },
    });
    return { name: 'metal: old', ipmitool, baud: undefined, take: true };
  }

  async function open(more: object = {}, take = true): Promise<Duplex> {
    const stream = await openSol({ ...parts(more), take }, signal);
    each.add(() => void stream.destroy());
    return stream;
  }

  /** Everything that is shown from now on. */
  function shownBy(stream: Duplex): () => string {
    let text = '';
    stream.on('data', (chunk: Buffer) => (text += chunk.toString('latin1')));
    return () => text;
  }

  const comes = (what: string, there: () => unknown, timeout = 10_000) =>
    until(there, { timeout, what });

  it('carries what is typed and what is shown, and nothing of ipmitool’s own', async () => {
    const stream = await open();
    const shown = shownBy(stream);
    typed = '';
    stream.write('hello\r');
    await comes('what is typed', () => typed.includes('hello\r'));
    wire?.write('\r\nlogin: ');
    await comes('what is shown', () => shown().includes('login: '));
    assert.equal(shown(), '\r\nlogin: ');
  });

  it('has no escape that could be typed, in whatever character set', async () => {
    const stream = await open();
    const escapes = ['~.', '\r~.', '\r~B', '\r&.', '\r\u00FF.', '\r\u0080.', '\r\u0001.'];
    // What is typed before ipmitool has set its terminal up is dropped.
    typed = '';
    stream.write('ready\r');
    await comes('what is typed first', () => {
      stream.write('ready\r');
      return typed.includes('ready\r');
    });
    for (const text of escapes) stream.write(text);
    // Not of UTF-8 at all.
    stream.write(Buffer.from([0x0d, 0xff, 0x2e]));
    stream.write('\rstill here\r');
    await comes('what is typed after it', () => typed.includes('still here'));
    const expected = Buffer.from(escapes.join('')).toString('latin1');
    assert.ok(typed.includes(`${expected}\r.\rstill here\r`), JSON.stringify(typed));
  });

  it('is taken from whoever has it, who does not take it back and is told why', async function () {
    this.timeout(60_000);
    const faults: GatewayError[] = [];
    const line = await SharedLine.open(
      {
        name: 'metal: old',
        open: (_signal, again) => open({}, !again),
        forgottenMs: 2000,
        onFault: (error) => void faults.push(error),
      },
      signal,
    );
    each.add(() => line.close());
    const first = line.tap();
    const shown = shownBy(first);
    const second = await open();
    // A BMC may say nothing of it until something is typed.
    first.write('whose?\r');
    await comes('the end of the first', () => faults.length > 0, 30_000);
    assert.deepEqual(
      faults.map(({ status }) => status),
      ['console_held'],
    );
    assert.match(shown(), /The serial line has ended: metal: old: .* held by somebody else/);
    typed = '';
    second.write('mine\r');
    await comes('what is typed', () => typed.includes('mine'));
  });

  it('stays with whoever has taken it when the console is closed', async () => {
    const { host: address, port: at, admin } = ipmi;
    const section = { ipmi: { port: at, cipherSuite: 3 }, redfish: false };
    const provider = bmcProvider([{ id: 'old', address, ...admin, ...section }]);
    const ignore = () => undefined;
    const request = { machineId: 'old', kind: 'sol', onStep: ignore, onFault: ignore } as const;
    const endpoint = await provider.resolve({ ...request, signal });
    each.add(() => endpoint.release());
    const guacd = connect(endpoint.port, endpoint.host);
    each.add(() => void guacd.destroy());
    const shown = shownBy(guacd);
    guacd.write(`${endpoint.parameters['password']}\r`);
    const second = await open();
    guacd.write('whose?\r');
    await comes('the notice', () => shown().includes('has dropped the serial line'));
    await endpoint.release();
    typed = '';
    // What is typed before ipmitool has set its terminal up is dropped.
    await comes('what is typed', () => {
      second.write('mine\r');
      return typed.includes('mine');
    });
    assert.ok(!second.destroyed);
  });

  it('tells the BMC its speed before', async () => {
    const stream = await openSol({ ...parts(), baud: 19_200 }, signal);
    stream.destroy();
    const printed = await parts().ipmitool.run(['sol', 'info', '1']);
    assert.match(printed, /Volatile Bit Rate \(kbps\)\s+: 19\.2/);
  });

  it('says what is wrong before anything is shown', async () => {
    const wrong = openSol(parts({ password: new Secret('wrong') }), signal);
    await assert.rejects(wrong, { status: 'provider_refused' });
    const nobody = openSol(parts({ port: 1 }), signal);
    await assert.rejects(nobody, { status: 'bmc_unavailable' });
  });

  it('leaves no process behind', async () => {
    const stream = await open();
    assert.equal((await runningWith('ipmitool', ipmi.port)).length, 1);
    stream.destroy();
    await comes(
      'ipmitool to end',
      async () => (await runningWith('ipmitool', ipmi.port)).length === 0,
      5000,
    );
  });

  it('shows everybody the same line, and newcomers what has been', async () => {
    const faults: GatewayError[] = [];
    const line = await SharedLine.open(
      {
        name: 'metal: old',
        open: () => open(),
        onFault: (error) => void faults.push(error),
      },
      signal,
    );
    each.add(() => line.close());
    const first = line.tap();
    const shown = shownBy(first);
    first.write('x');
    await comes('the line', () => wire !== undefined);
    wire?.write('before\r\n');
    await comes('what is shown', () => shown().includes('before'));
    const second = line.tap();
    const late = shownBy(second);
    await comes('what has been', () => late().includes('before'));
    first.destroy();
    typed = '';
    second.write('second\r');
    await comes('what is typed', () => typed.includes('second'));
    const ended = once(second, 'end');
    line.close();
    await ended;
    assert.deepEqual(faults, []);
  });

  it('is opened again when the BMC is back that has restarted', async function () {
    this.timeout(3 * NOTICES);
    const own = {
      name: 'metal: old',
      open: (_signal: AbortSignal, again: boolean) => open({}, !again),
      onFault: () => undefined,
    };
    const line = await SharedLine.open(own, signal);
    each.add(() => line.close());
    const tap = line.tap();
    const shown = shownBy(tap);
    await ipmi.kill();
    await ipmi.restart();
    tap.write('is anybody there?\r');
    await comes('the notice', () => shown().includes('has dropped the serial line'), NOTICES);
    await comes('the line to be open', () => shown().includes('is open again'), NOTICES);
    typed = '';
    tap.write('again\r');
    await comes('what is typed', () => typed.includes('again'));
  });
});
