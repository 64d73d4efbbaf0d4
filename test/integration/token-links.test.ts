import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { before, describe, it } from 'mocha';
import { redeemAnswer } from '../../server/contract/index.ts';
import { cleanUp } from '../support/dispose.ts';
import { type TestConsole, TestGateway } from '../support/gateway.ts';
import { startGuacd } from '../support/guacd.ts';
import { logBook } from '../support/log-book.ts';
import { QemuPeer } from '../support/qemu.ts';
import { startRedis } from '../support/redis.ts';
import { makeTempDir } from '../support/temp-dir.ts';
import { assertTypesIntoGrub } from './support/grub.ts';
import { problemOf } from './support/problem.ts';
import { auditOf } from './support/audit.ts';
import { configToken } from './support/staff.ts';

const TOKEN = logBook.secret(randomBytes(12).toString('hex'));
const PASSWORD = logBook.secret(randomBytes(4).toString('hex'));
const admin = configToken('auditor', 'admin');
const asBrowser = { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' };

describe('an old link with a token of websockify', () => {
  const suite = cleanUp();
  const each = cleanUp('each');
  let machine: QemuPeer;
  let folder: string;
  let gateway: TestGateway;

  before(async function () {
    this.timeout(60_000);
    const [redis, guacd, qemu, dir] = await Promise.all([
      suite.start(startRedis()),
      suite.start(startGuacd()),
      suite.start(QemuPeer.start({ boot: 'grub' })),
      suite.start(makeTempDir('tokens')),
    ]);
    machine = qemu;
    folder = dir.path;
    await machine.setPassword(PASSWORD);
    await writeFile(join(folder, 'one-7'), `${TOKEN}: ${machine.host}:${machine.port}`);
    const sunstone = { id: 'sunstone', type: 'websockify', path: folder, password: PASSWORD };
    const config = {
      apiTokens: [admin.line],
      listen: { port: 0, trustedProxies: ['127.0.0.1'] },
      providers: [
        { ...sunstone, links: { user: 'sunstone' } },
        { ...sunstone, id: 'closed' },
      ],
      policy: [{ machines: ['sunstone:one-8'], deny: ['open'] }],
    };
    gateway = await suite.start(TestGateway.start({ redis, guacd, machines: [], config }));
  });

  /** Each test comes from an address of its own. */
  const from = (() => {
    let last = 0;
    return () => ({ 'x-forwarded-for': `192.0.2.${(last += 1)}` });
  })();
  const follow = (path: string, headers: Record<string, string> = from()) =>
    fetch(gateway.url + path, { redirect: 'manual', headers });

  async function arrive(answer: Response): Promise<TestConsole> {
    assert.equal(answer.status, 303, await answer.clone().text());
    const url = new URL(answer.headers.get('location') ?? '');
    const id = /^\/console\/([\w-]+)$/.exec(url.pathname)?.[1] ?? '';
    const launchKey = logBook.secret(url.hash.slice(1));
    const body = { key: launchKey };
    const redeemed = await gateway.call('POST', `/consoles/${id}/redeem`, { body });
    const { bearer, console: view } = redeemAnswer.parse(await redeemed.json());
    return { ...view, url: url.href, launchKey, bearer: logBook.secret(bearer) };
  }

  it('shows the machine and types into it', async function () {
    this.timeout(60_000);
    const answer = await follow(`/vnc.html?token=${TOKEN}`);
    assert.equal(answer.headers.get('cache-control'), 'no-store');
    assert.equal(answer.headers.get('referrer-policy'), 'no-referrer');
    const opened = await arrive(answer);
    assert.deepEqual(
      [opened.machine, opened.kind, opened.user, opened.readOnly],
      ['sunstone:one-7', 'vnc', 'sunstone', false],
    );
    const tunnel = each.add(await gateway.tunnel(opened));
    await tunnel.pictured();
    await assertTypesIntoGrub(tunnel, machine);
  });

  it('is any that noVNC had, with whatever else it carries', async () => {
    for (const path of [
      `/vnc_auto.html?host=old.example&port=29876&token=${TOKEN}`,
      `/vnc_lite.html?path=websockify%3Ftoken%3D${TOKEN}`,
      `/vnc.html?path=%3Ftoken%3D${TOKEN}&autoconnect=1&encrypt=1`,
      `/?token=${TOKEN}`,
    ]) {
      assert.equal((await arrive(await follow(path))).machine, 'sunstone:one-7', path);
    }
    const looking = await arrive(await follow(`/vnc.html?token=${TOKEN}&view_only=true`));
    assert.equal(looking.readOnly, true);
  });

  it('works again and again, but not without end', async () => {
    const at = from();
    let answer = await follow(`/vnc.html?token=${TOKEN}`, at);
    for (let time = 0; time < 40 && answer.status === 303; time += 1) {
      answer = await follow(`/vnc.html?token=${TOKEN}`, at);
    }
    await problemOf(answer, 429, 'rate_limited');
  });

  it('opens nothing by a wrong token, and says so in words to a browser', async () => {
    for (const query of ['', '?token=', '?token=none', `?token=${TOKEN}x`, '?path=websockify']) {
      await problemOf(await follow(`/vnc.html${query}`), 401, 'launch_link_invalid');
    }
    await problemOf(await follow(`/vnc.html?token=a&token=b`), 400, 'invalid_request');
    const led = await follow('/vnc.html?token=none', { ...from(), ...asBrowser });
    assert.equal(led.headers.get('location'), `${gateway.url}/refused#launch_link_invalid`);
  });

  it('lets nobody search for tokens, and does not lock out the others', async () => {
    const thief = from();
    const wrong = () => follow(`/vnc.html?token=${randomBytes(12).toString('hex')}`, thief);
    let answer = await wrong();
    for (let time = 0; time < 30 && answer.status === 401; time += 1) answer = await wrong();
    await problemOf(answer, 429, 'rate_limited');
    await problemOf(await follow(`/vnc.html?token=none`), 401, 'launch_link_invalid');
  });

  it('is under the policy as every way in, and in the audit trail', async () => {
    const token = logBook.secret(randomBytes(12).toString('hex'));
    await writeFile(join(folder, 'one-8'), `${token}: ${machine.host}:${machine.port}`);
    await problemOf(await follow(`/vnc.html?token=${token}`), 403, 'forbidden');
    const [refused] = await auditOf(gateway, admin.token, 'machine=sunstone:one-8&action=open', 1);
    assert.deepEqual([refused?.via, refused?.result], ['launch', 'forbidden']);
  });

  it('is opened by a GET alone: whoever only looks opens nothing', async () => {
    const init = { method: 'HEAD', headers: from() };
    const looked = await fetch(`${gateway.url}/vnc.html?token=${TOKEN}`, init);
    assert.deepEqual([looked.status, looked.headers.get('allow')], [405, 'GET']);
  });

  it('leaves the portal where it was', async () => {
    const answer = await follow('/', { ...from(), ...asBrowser });
    assert.equal(answer.status, 200);
    assert.match(await answer.text(), /<div id="app">/);
  });
});
