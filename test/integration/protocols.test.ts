import assert from 'node:assert/strict';
import { before, describe, it } from 'mocha';
import type { ConsoleEvent } from '../../server/contract/index.ts';
import { cleanUp } from '../support/dispose.ts';
import { TestGateway, type TestTunnel } from '../support/gateway.ts';
import { startGuacd } from '../support/guacd.ts';
import { logBook } from '../support/log-book.ts';
import { startRdp } from '../support/rdp.ts';
import { startRedis } from '../support/redis.ts';
import type { ServerProcess } from '../support/server-process.ts';
import { type SshPeer, startSsh } from '../support/ssh.ts';
import { type TelnetPeer, startTelnet } from '../support/telnet.ts';
import { until } from '../support/until.ts';
import { type VncPeer, startVnc } from '../support/vnc.ts';
import { assertTypes, forgetPrompt, prompt } from './support/typing.ts';

describe('a console of each protocol', () => {
  const suite = cleanUp();
  const each = cleanUp('each');
  let gateway: TestGateway;
  let vnc: VncPeer;
  let ssh: SshPeer;
  let telnet: TelnetPeer;
  let askingTelnet: TelnetPeer;

  before(async function () {
    this.timeout(40_000);
    const start = suite.start.bind(suite);
    let guacd: ServerProcess;
    let redis: ServerProcess & { url: string };
    [guacd, redis, vnc, ssh, telnet, askingTelnet] = await Promise.all([
      start(startGuacd()),
      start(startRedis()),
      start(startVnc()),
      start(startSsh()),
      start(startTelnet()),
      start(startTelnet({ login: true })),
    ]);
    const rdp = await start(startRdp(vnc));
    const at = ({ host, port }: { host: string; port: number }) => ({ host, port });
    const sshd = { ...at(ssh), username: ssh.username, params: { 'host-key': ssh.hostKeyLine } };
    const machines = [
      { id: 'vnc', consoles: { vnc: { ...at(vnc), password: logBook.secret(vnc.password) } } },
      { id: 'ssh-key', consoles: { ssh: { ...sshd, privateKey: ssh.privateKey } } },
      { id: 'ssh-password', consoles: { ssh: { ...sshd, password: ssh.password } } },
      { id: 'telnet', consoles: { telnet: at(telnet) } },
      {
        id: 'telnet-login',
        consoles: {
          telnet: {
            ...at(askingTelnet),
            ...askingTelnet.login,
            params: { 'login-failure-regex': 'Login incorrect', 'login-success-regex': 'Welcome' },
          },
        },
      },
      {
        id: 'rdp',
        consoles: {
          rdp: {
            ...at(rdp),
            username: 'any',
            password: logBook.secret('any password'),
            params: { 'ignore-cert': true, security: 'any' },
          },
        },
      },
    ];
    gateway = await start(TestGateway.start({ redis, guacd, machines }));
  });

  /** A console with its first picture, and what its page was told on the way. */
  async function shown(machine: string, body: object = {}) {
    const opened = await gateway.openRedeemed({ machine: `lab:${machine}`, ...body });
    const stop = new AbortController();
    each.add(() => stop.abort());
    const told: ConsoleEvent[] = [];
    const events = gateway.events(opened.id, opened.bearer, stop.signal);
    told.push((await events.next()).value as ConsoleEvent);
    void (async () => {
      for await (const event of events) told.push(event);
    })().catch(() => undefined);
    const tunnel = each.add(await gateway.tunnel(opened));
    await tunnel.pictured();
    const states = () =>
      told.flatMap((event) => (event.type === 'state' ? [event.console.state] : []));
    await until(() => states().includes('connected'), { timeout: 5000, what: 'connected' });
    assert.deepEqual([...new Set(states())], ['starting', 'ready', 'connected']);
    const steps = told.flatMap((event) => (event.type === 'step' ? [event.step] : []));
    assert.deepEqual(steps, ['resolving', 'connecting', 'waiting-for-picture']);
    return { opened, tunnel };
  }

  async function assertEndsByExit(id: string, tunnel: TestTunnel): Promise<void> {
    tunnel.typeText('exit\n');
    const began = Date.now();
    assert.deepEqual(await tunnel.closed, { code: 4003, reason: '518' });
    assert.ok(Date.now() - began < 4000, 'the page would show a dead terminal meanwhile');
    assert.match(tunnel.text, /5\.error,13\.console_ended,3\.518;10\.disconnect;$/);
    const closed = async () => (await gateway.view(id)).state === 'closed';
    await until(closed, { timeout: 2000, what: 'the console to be closed' });
    const { reason, error } = await gateway.view(id);
    assert.deepEqual([reason, error], ['ended', null]);
  }

  it('VNC: a picture comes, and what is typed arrives', async () => {
    const { tunnel } = await shown('vnc');
    await assertTypes(tunnel, vnc.home);
  });

  it('VNC: the page asks for a size, and the machine keeps its own', async () => {
    const { tunnel } = await shown('vnc', { display: { width: 640, height: 480 } });
    await tunnel.received(/4\.size,1\.0,4\.1024,3\.768;/);
  });

  it('VNC: a read-only console shows the picture and lets nothing through', async () => {
    const watching = await shown('vnc', { readOnly: true });
    watching.tunnel.typeText('touch by-watcher\n');
    const { tunnel } = await shown('vnc');
    // What the other types afterwards would come after it.
    await assertTypes(tunnel, vnc.home);
    assert.doesNotMatch(await vnc.runX('ls', vnc.home), /by-watcher/);
  });

  it('SSH by key: a shell comes, what is typed arrives, its end closes the console', async () => {
    await forgetPrompt(ssh.prompted);
    const { opened, tunnel } = await shown('ssh-key');
    await prompt(ssh.prompted);
    await assertTypes(tunnel, ssh.home);
    await assertEndsByExit(opened.id, tunnel);
  });

  it('SSH by password: a shell comes, and what is typed arrives', async function () {
    if (ssh.password === undefined) this.skip();
    await forgetPrompt(ssh.prompted);
    const { tunnel } = await shown('ssh-password');
    await prompt(ssh.prompted);
    await assertTypes(tunnel, ssh.home);
  });

  it('Telnet: a shell comes, what is typed arrives, its end closes the console', async () => {
    const { opened, tunnel } = await shown('telnet');
    await prompt(telnet.prompted);
    await assertTypes(tunnel, telnet.home);
    await assertEndsByExit(opened.id, tunnel);
  });

  it('Telnet with a login: the gateway signs in', async () => {
    const { tunnel } = await shown('telnet-login');
    await prompt(askingTelnet.prompted);
    await assertTypes(tunnel, askingTelnet.home);
  });

  it('RDP: a picture comes, and what is typed arrives', async () => {
    const { tunnel } = await shown('rdp');
    await assertTypes(tunnel, vnc.home);
  });

  it('two pages on one console see the same machine, and one that leaves ends nothing', async () => {
    const { opened, tunnel } = await shown('vnc');
    const second = each.add(await gateway.tunnel(opened));
    await second.pictured();
    tunnel.stop();
    await assertTypes(second, vnc.home);
    assert.equal((await gateway.view(opened.id)).state, 'connected');
    second.stop();
    const detached = async () => (await gateway.view(opened.id)).state === 'detached';
    await until(detached, { timeout: 3000, what: 'the console to be detached' });
    const third = each.add(await gateway.tunnel(opened));
    await third.pictured();
  });
});
