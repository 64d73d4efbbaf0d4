import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { before, describe, it } from 'mocha';
import { OpenNebulaSimulator, type SimulatedVm } from '../../simulators/opennebula.ts';
import { cleanUp } from '../../support/dispose.ts';
import { logBook } from '../../support/log-book.ts';
import { QemuPeer } from '../../support/qemu.ts';
import { startRdp } from '../../support/rdp.ts';
import type { ServerProcess } from '../../support/server-process.ts';
import { type SshPeer, startSsh } from '../../support/ssh.ts';
import { until } from '../../support/until.ts';
import { type VncPeer, startVnc } from '../../support/vnc.ts';
import { prompt } from '../../integration/support/typing.ts';
import { FIREEDGE_SETTINGS, fireEdgeToken } from '../../tunnel/support/fireedge-token.ts';
import { FireEdgeSite } from '../support/fireedge-site.ts';
import { showsScreen, typesIntoGrub } from '../support/guest.ts';
import { ProviderPortal } from '../support/provider-portal.ts';
import { PHONE, Stage } from '../support/stage.ts';
import { typedFile } from '../support/typed-file.ts';

/** VNC takes the first eight characters alone. */
const PASSWORD = logBook.secret(randomBytes(9).toString('hex'));
const KEY = logBook.secret(randomBytes(16).toString('hex'));
/** STATE and LCM_STATE. */
const RUNNING: [number, number] = [3, 3];
const POWEROFF: [number, number] = [8, 0];

describe('VMs of OpenNebula in a browser', function () {
  this.slow(8000);
  // Each wait has its own limit; this one is for all of them together.
  this.timeout(120_000);
  const suite = cleanUp();
  const each = cleanUp('each');
  let one: OpenNebulaSimulator;
  let peer: QemuPeer;
  let ssh: SshPeer;
  let desk: VncPeer;
  let site: FireEdgeSite;
  let stage: Stage;

  before(async () => {
    const start = suite.start.bind(suite);
    let rdp: ServerProcess;
    [one, peer, ssh, site, [desk, rdp]] = await Promise.all([
      start(OpenNebulaSimulator.start()),
      start(QemuPeer.start({ boot: 'grub' })),
      start(startSsh()),
      start(FireEdgeSite.start()),
      start(startVnc({ content: 'terminal' })).then(
        async (vnc) => [vnc, await start(startRdp(vnc))] as const,
      ),
    ]);
    await peer.setPassword(PASSWORD.slice(0, 8));
    const screen = { TYPE: 'VNC', LISTEN: '0.0.0.0', PORT: `${peer.port}`, PASSWD: PASSWORD };
    const add = (id: number, name: string, vm: Partial<SimulatedVm>) =>
      one.vms.push({ id, name, uname: 'alice', numbers: RUNNING, hosts: ['kvm2'], ...vm });
    add(1, 'Büro 網', { hosts: ['gone', 'kvm2'], graphics: screen });
    add(2, 'sleeper', { numbers: POWEROFF, graphics: screen });
    add(3, 'shell', {
      nics: [{ IP: '127.0.0.1', SSH: 'YES' }],
      context: {
        USERNAME: ssh.username,
        PASSWORD: logBook.secret(ssh.password ?? ''),
        SSH_PORT: `${ssh.port}`,
      },
    });
    add(4, 'windows', {
      nics: [{ IP: '127.0.0.1', RDP: 'YES' }],
      context: { RDP_PORT: `${rdp.port}` },
    });
    add(5, 'spiced', { graphics: { TYPE: 'SPICE', PORT: '5999' } });
    add(6, 'gone', { graphics: screen });
    const { url, session } = one;
    stage = await Stage.start(suite, {
      machines: [],
      config: {
        allowedOrigins: [site.origin],
        fireEdge: { key: KEY, hosts: ['127.0.0.1'] },
        providers: [
          {
            ...{ id: 'one', type: 'opennebula', url, session },
            ...{ hosts: { kvm2: peer.host }, owner: { label: 'user' } },
          },
        ],
      },
    });
  });

  const enter = () => ProviderPortal.enter(stage, each, 'alice');

  it('are seen by VNC, and take what is typed', async () => {
    const console = await (await enter()).opens('one:1');
    await console.says(/Büro 網/);
    await typesIntoGrub(console, peer);
    console.assertClean();
  });

  it('have a shell by SSH where the template’s context says so', async () => {
    const console = await (await enter()).opens('one:3', 'ssh');
    await prompt(ssh.prompted);
    await console.page.keyboard.type('echo by-ssh > by-ssh\n');
    assert.equal(await typedFile(ssh, 'by-ssh'), 'by-ssh\n');
    console.assertClean();
  });

  it('have a desktop by RDP where the template’s context says so', async () => {
    const console = await (await enter()).opens('one:4', 'rdp');
    // xrdp asks who has no password to sign in; whoever presses Return is in.
    const signedIn = async () => {
      await console.page.keyboard.press('Enter');
      await showsScreen(console, () => desk.grab(), 3000);
      return true;
    };
    await until(signedIn, { timeout: 25_000, what: 'the desktop' });
    await console.page.keyboard.type('echo by-rdp > by-rdp\n');
    assert.equal(await typedFile(desk, 'by-rdp'), 'by-rdp\n');
    console.assertClean();
  });

  it('that are off are named so, and come up by one click', async () => {
    const console = await stage.open(each, { machine: 'one:2' }, PHONE);
    await console.faulted('machine_not_running');
    await console.says(/one: VM sleeper is POWEROFF/);
    await console.click('switch-on');
    await console.reaches('connected', 20_000);
    await showsScreen(console, () => peer.screenshot());
    console.assertOnlyRefusals(409);
  });

  it('with SPICE alone have no console, and the list says why', async () => {
    const portal = await enter();
    const row = await portal.finds('one:5');
    assert.match(await portal.words(row), /SPICE: cannot be shown in a browser/);
    assert.equal(await portal.tab.page.$(`${row} [data-kind]`), null);
  });

  it('that were deleted after their console was opened are said to be gone', async () => {
    const opened = await stage.gateway.open({ machine: 'one:6' });
    one.vms.splice(
      one.vms.findIndex(({ id }) => id === 6),
      1,
    );
    const console = await stage.enter(each, opened);
    await console.faulted('machine_not_found');
  });

  for (const fault of ['html', 'bomb'] as const) {
    it(`of an oned that answers with ${fault} say that it does not answer, and open when it does`, async () => {
      const opened = await stage.gateway.open({ machine: 'one:1' });
      one.faults.fail(fault, 40);
      const console = await stage.enter(each, opened);
      await console.faulted('provider_unavailable');
      one.faults.mend();
      await console.reaches('connected', 20_000);
      assert.doesNotMatch(await console.words(), /RPC2|html|xml/i);
    });
  }

  it('are seen by FireEdge’s token in FireEdge’s own page, and take what is typed', async () => {
    const { host: hostname, port } = peer;
    const password = PASSWORD.slice(0, 8);
    const settings = { ...FIREEDGE_SETTINGS, hostname, port, password };
    const token = fireEdgeToken({ connection: { type: 'vnc', settings } }, KEY);
    const tab = await stage.newTab(each);
    const page = await site.open(tab, stage.network.url, token);
    await typesIntoGrub(page, peer);
    assert.deepEqual(tab.errors, []);
  });
});
