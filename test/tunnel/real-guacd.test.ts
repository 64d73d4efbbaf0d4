import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { access } from 'node:fs/promises';
import { promisify } from 'node:util';
import { describe, it } from 'mocha';
import type { GuacdProtocol, TunnelGrant } from '../../server/consoles/tunnel-port.ts';
import { startXvnc } from '../../server/demo/xvnc.ts';
import { cleanUp } from '../support/dispose.ts';
import { startGuacd } from '../support/guacd.ts';
import { startNla } from '../support/nla.ts';
import { startSsh } from '../support/ssh.ts';
import { startTelnet } from '../support/telnet.ts';
import { inTempDir } from '../support/temp-dir.ts';
import { until } from '../support/until.ts';
import { startVnc } from '../support/vnc.ts';
import type { PageClient } from './support/page-client.ts';
import { TestGateway } from './support/test-gateway.ts';

const run = promisify(execFile);

function type(page: PageClient, text: string): void {
  for (const character of text) {
    const keysym = character === '\r' ? 0xff0d : character.charCodeAt(0);
    page.send('key', keysym, 1);
    page.send('key', keysym, 0);
  }
}

/** What a real guacd says in each case, and what becomes of it. */
describe('a tunnel to the real guacd', function () {
  this.timeout(60_000);
  const own = cleanUp('each');

  async function start() {
    const guacd = await own.start(startGuacd());
    const gateway = await own.start(TestGateway.start());
    const open = async (
      protocol: GuacdProtocol,
      parameters: Record<string, string>,
      grant: Partial<TunnelGrant> = {},
    ) => {
      const address = { host: guacd.host, port: guacd.port };
      return own.add(await gateway.open({ protocol, parameters, guacd: address, ...grant }));
    };
    /** How a session ends by itself, which the page is told, too. */
    const end = async (protocol: GuacdProtocol, parameters: Record<string, string>) => {
      const page = await open(protocol, parameters);
      const ended = await gateway.end(30_000);
      assert.equal((await page.expect('error'))[1], ended.status);
      assert.deepEqual(await page.read(), ['disconnect']);
      return ended;
    };
    return { guacd, gateway, open, end };
  }
  const closed = { hostname: '127.0.0.1', port: '1' };

  it('shows a VNC picture and passes keys, until the VNC server dies', async () => {
    const vnc = await own.start(startVnc({ content: 'input' }));
    const { gateway, open } = await start();
    const { host, password } = vnc;
    const page = await open('vnc', { hostname: host, port: String(vnc.port), password });
    await page.expect('sync');
    await gateway.happened('pictured');
    page.send('key', 0x61, 1);
    page.send('key', 0x61, 0);
    for (;;) {
      await page.expect('sync');
      if ((await vnc.inputs()).length > 0) break;
      page.send('mouse', 1 + (((Date.now() / 10) % 500) | 0), 1, 0);
    }
    await vnc.stop();
    assert.equal((await gateway.end()).status, 'target_lost');
    assert.equal((await page.closed).reason, '515');
  });

  it('says wrong password, missing password, no server and no such host for VNC', async () => {
    const vnc = await own.start(startVnc({ content: 'nothing' }));
    const { end } = await start();
    const target = { hostname: vnc.host, port: String(vnc.port) };
    const wrong = await end('vnc', { ...target, password: 'wrong' });
    assert.equal(wrong.status, 'target_credentials_refused');
    assert.equal((await end('vnc', target)).status, 'target_credentials_refused');
    assert.equal((await end('vnc', closed)).status, 'target_unreachable');
    const nowhere = await end('vnc', { ...closed, hostname: 'no-such-host.invalid' });
    assert.equal(nowhere.status, 'target_unreachable');
    assert.match(nowhere.message, /does not resolve/);
  });

  it('lets a person give the VNC password, and try again after a wrong one', async () => {
    const vnc = await own.start(startVnc({ content: 'nothing' }));
    const { gateway, open } = await start();
    const target = { hostname: vnc.host, port: String(vnc.port) };
    const answered = async (password: string): Promise<PageClient> => {
      const page = await open('vnc', target, { asks: true });
      assert.deepEqual(await page.expect('required'), ['required', 'password']);
      page.send('argv', 0, 'text/plain', 'hostname');
      page.send('argv', 0, 'text/plain', 'password');
      page.send('blob', 0, Buffer.from(password).toString('base64'));
      page.send('end', 0);
      assert.deepEqual((await page.expect('ack')).slice(1, 2), ['0']);
      return page;
    };
    const wrong = await answered('wrong-password');
    assert.equal((await wrong.expect('error'))[1], 'target_credentials_wrong');
    assert.equal((await gateway.end()).status, 'target_credentials_wrong');
    const right = await answered(vnc.password);
    await right.expect('sync');
    await gateway.happened('pictured');
    assert.equal(gateway.log.includes(vnc.password), false);
    assert.equal(gateway.log.includes(Buffer.from(vnc.password).toString('base64')), false);
  });

  it('lets a person give user name and password for RDP where NLA wants them first', async () => {
    const dir = own.add(await inTempDir('nla', async (made) => made));
    const screen = await own.start(startXvnc({ width: 800, height: 600, dir: dir.path }));
    const account = { username: 'alice', password: 'sesame-4821' };
    const rdp = await own.start(startNla(screen, account));
    const { gateway, open } = await start();
    const target = {
      ...{ hostname: rdp.host, port: String(rdp.port) },
      ...{ security: 'nla', 'ignore-cert': 'true' },
    };
    const answered = async (values: Record<string, string>): Promise<PageClient> => {
      const page = await open('rdp', target, { asks: true });
      const names = (await page.expect('required')).slice(1);
      assert.deepEqual(names.toSorted(), ['domain', 'password', 'username']);
      for (const [index, name] of names.entries()) {
        page.send('argv', index, 'text/plain', name);
        page.send('blob', index, Buffer.from(values[name] ?? '').toString('base64'));
        page.send('end', index);
      }
      return page;
    };
    const wrong = await answered({ ...account, password: 'not-sesame' });
    assert.equal((await wrong.expect('error'))[1], 'target_credentials_wrong');
    await (await answered(account)).expect('sync');
    await gateway.happened('pictured');
    assert.equal(gateway.log.includes(account.password), false);
  });

  it('says that nothing listens for SSH, Telnet and RDP', async () => {
    const { end } = await start();
    for (const protocol of ['ssh', 'telnet', 'rdp'] as const) {
      const parameters = { ...closed, username: 'nobody', password: 'x' };
      assert.equal((await end(protocol, parameters)).status, 'target_unreachable', protocol);
    }
  });

  it('says that an SSH server refused the credentials, and that a shell has ended', async () => {
    const ssh = await own.start(startSsh());
    const { gateway, open, end } = await start();
    const target = { hostname: ssh.host, port: String(ssh.port), username: ssh.username };
    const refused = await end('ssh', { ...target, password: 'wrong' });
    assert.equal(refused.status, 'target_credentials_refused');
    const page = await open('ssh', { ...target, 'private-key': ssh.privateKey });
    await page.expect('sync');
    const options = { timeout: 10_000, what: 'a prompt' };
    await until(() => access(ssh.prompted).then(() => true), options);
    type(page, 'exit\r');
    await page.expect('error');
    assert.equal((await gateway.end()).status, 'console_ended');
  });

  it('shows a Telnet session', async () => {
    const telnet = await own.start(startTelnet());
    const { gateway, open } = await start();
    const page = await open('telnet', { hostname: telnet.host, port: String(telnet.port) });
    await page.expect('sync');
    await gateway.happened('pictured');
  });

  it('ends a session whose guacd process was killed, as soon as anything is sent', async () => {
    const vnc = await own.start(startVnc({ content: 'nothing' }));
    const { guacd, gateway, open } = await start();
    const { host, password } = vnc;
    const page = await open('vnc', { hostname: host, port: String(vnc.port), password });
    await page.expect('sync');
    const { stdout } = await run('pgrep', ['-P', String(guacd.pid)]);
    process.kill(Number(stdout.trim()), 'SIGKILL');
    // guacd 1.3.0 notices with what it is sent next, if not our nop then the page's.
    const typing = setInterval(() => page.send('nop'), 50);
    own.add(() => clearInterval(typing));
    assert.equal((await gateway.end()).status, 'target_lost');
  });

  it('says that guacd is lost when it is killed, and unavailable when it is not there', async () => {
    const vnc = await own.start(startVnc({ content: 'nothing' }));
    const { guacd, gateway, open } = await start();
    const parameters = { hostname: vnc.host, port: String(vnc.port), password: vnc.password };
    const page = await open('vnc', parameters);
    await page.expect('sync');
    await guacd.stop();
    assert.equal((await gateway.end()).status, 'guacd_lost');
    assert.equal((await page.closed).reason, '520');
    await open('vnc', parameters);
    assert.equal((await gateway.end()).status, 'guacd_unavailable');
  });

  it('keeps a page that says nothing: guacd alone would end it after 15 s', async () => {
    const vnc = await own.start(startVnc({ content: 'nothing' }));
    const { gateway, open } = await start();
    const { host, password } = vnc;
    const page = await open('vnc', { hostname: host, port: String(vnc.port), password });
    // Answers nothing, not even a sync; guacd's clock, in ms, is in each of them.
    const clock = async (): Promise<number> => {
      for (;;) {
        const [opcode, time] = await page.read();
        if (opcode === 'sync') return Number(time);
      }
    };
    const began = await clock();
    while ((await clock()) < began + 17_000);
    assert.equal(gateway.tunnels.size, 1);
  });
});
