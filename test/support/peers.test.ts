import assert from 'node:assert/strict';
import { access, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { before, describe, it } from 'mocha';
import { cleanUp } from './dispose.ts';
import { startGuacd } from './guacd.ts';
import { GuacdClient } from './guacd-client.ts';
import { startRdp } from './rdp.ts';
import type { ServerProcess } from './server-process.ts';
import { startSsh } from './ssh.ts';
import { startTelnet } from './telnet.ts';
import { until } from './until.ts';
import { startVnc } from './vnc.ts';

const fileExists = (path: string) => access(path).then(() => true);

describe('peers, as the real guacd sees them', () => {
  const suite = cleanUp();
  const own = cleanUp('each');
  let guacd: ServerProcess;

  before(async () => {
    guacd = await suite.start(startGuacd());
  });

  async function open(protocol: string, parameters: Record<string, string | number>) {
    return own.add(await GuacdClient.open(guacd.port, protocol, parameters));
  }

  /** Types a command and waits for the file that it makes in the shell's folder. */
  async function typeEcho(client: GuacdClient, home: string, prompted?: string) {
    // A terminal drops what is typed before the shell is there.
    if (prompted) await until(() => fileExists(prompted), { timeout: 5000, what: 'a prompt' });
    client.type('echo hello > typed\n');
    const read = () => readFile(join(home, 'typed'), 'utf8');
    assert.equal(await until(read, { timeout: 5000, what: 'the typed file' }), 'hello\n');
  }

  it('VNC: a picture comes, and what is typed arrives in the terminal', async () => {
    const { host, port, password, home } = await own.start(startVnc());
    const client = await open('vnc', { hostname: host, port, password });
    assert.deepEqual((await client.expect('size')).slice(2), ['1024', '768']);
    await client.expect('img');
    await typeEcho(client, home);
  });

  it('VNC: a wrong password is refused, and the right one still works', async () => {
    const { host, port, password } = await own.start(startVnc({ content: 'nothing' }));
    for (let attempt = 0; attempt < 6; attempt += 1) {
      const wrong = await open('vnc', { hostname: host, port, password: 'wrong' });
      await assert.rejects(wrong.expect('sync'), /guacd error 519/);
    }
    await (await open('vnc', { hostname: host, port, password })).expect('img');
  });

  it('SSH: password and key sign in, a wrong password is error 769', async function () {
    const ssh = await own.start(startSsh());
    const target = {
      hostname: ssh.host,
      port: ssh.port,
      username: ssh.username,
      'host-key': ssh.hostKeyLine,
    };
    const wrong = await open('ssh', { ...target, password: 'wrong' });
    await assert.rejects(wrong.expect('sync'), /guacd error 769/);
    const byKey = await open('ssh', { ...target, 'private-key': ssh.privateKey });
    await typeEcho(byKey, ssh.home, ssh.prompted);
    if (ssh.password === undefined) this.skip();
    await rm(ssh.prompted);
    const byPassword = await open('ssh', { ...target, password: ssh.password });
    await until(() => fileExists(ssh.prompted), { timeout: 5000, what: 'a second prompt' });
    byPassword.type('exit\n');
    await byPassword.expect('disconnect');
  });

  it('Telnet: a shell at once, or after a login', async () => {
    const { host, port, home, prompted } = await own.start(startTelnet());
    await typeEcho(await open('telnet', { hostname: host, port }), home, prompted);
    const asking = await own.start(startTelnet({ login: true }));
    assert.ok(asking.login);
    const target = {
      hostname: asking.host,
      port: asking.port,
      ...asking.login,
      'login-failure-regex': 'Login incorrect',
      'login-success-regex': 'Welcome',
    };
    await open('telnet', target);
    await until(() => fileExists(asking.prompted), {
      timeout: 5000,
      what: 'a prompt after the login',
    });
    const wrong = await open('telnet', { ...target, password: 'wrong' });
    await assert.rejects(wrong.expect('disconnect'), /guacd error 769/);
  });

  for (const security of ['any', 'tls']) {
    it(`RDP with security ${security}: a picture comes, and what is typed arrives`, async () => {
      const vnc = await own.start(startVnc());
      const { host, port } = await own.start(startRdp(vnc));
      const account = { username: 'any', password: 'any', security, 'ignore-cert': 'true' };
      const client = await open('rdp', { hostname: host, port, ...account });
      await client.expect('img');
      await typeEcho(client, vnc.home);
    });
  }
});
