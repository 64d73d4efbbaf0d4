import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { before, describe, it } from 'mocha';
import { prompt } from '../../integration/support/typing.ts';
import { ProxmoxSimulator } from '../../simulators/proxmox.ts';
import { makeCertificate } from '../../support/certificate.ts';
import { cleanUp } from '../../support/dispose.ts';
import { QemuPeer } from '../../support/qemu.ts';
import { type ShellPeer, startShell } from '../../support/shell.ts';
import { showsScreen, typesIntoGrub } from '../support/guest.ts';
import { ProviderPortal } from '../support/provider-portal.ts';
import { PHONE, Stage } from '../support/stage.ts';
import { typedFile } from '../support/typed-file.ts';

describe('guests of Proxmox VE in a browser', function () {
  this.slow(8000);
  // Each wait has its own limit; this one is for all of them together.
  this.timeout(120_000);
  const suite = cleanUp();
  const each = cleanUp('each');
  let pve: ProxmoxSimulator;
  let peer: QemuPeer;
  let shell: ShellPeer;
  let stage: Stage;

  before(async () => {
    const start = suite.start.bind(suite);
    const tls = await makeCertificate();
    [pve, peer, shell] = await Promise.all([
      start(ProxmoxSimulator.start(tls)),
      start(QemuPeer.start({ boot: 'grub' })),
      start(startShell()),
    ]);
    const guest = { node: 'pve1', status: 'running', tags: 'customer-alice' } as const;
    pve.add({ ...guest, vmid: 100, type: 'qemu', name: 'wéb', screen: peer });
    pve.add({ ...guest, vmid: 101, type: 'lxc', name: 'mail', node: 'pve2', shell });
    pve.add({
      ...guest,
      vmid: 102,
      type: 'qemu',
      name: 'sleeper',
      status: 'stopped',
      screen: peer,
    });
    const { url, username, password } = pve;
    const { fingerprint256: fingerprint } = new X509Certificate(tls.cert);
    const provider = { id: 'pve', type: 'proxmox', url, fingerprint, username, password };
    const owner = { label: 'customer-*' };
    const config = { providers: [{ ...provider, owner }] };
    stage = await Stage.start(suite, { machines: [], config });
  });

  const enter = () => ProviderPortal.enter(stage, each, 'alice');

  it('are seen by VNC, and take what is typed', async () => {
    const console = await (await enter()).opens('pve:100');
    await console.says(/wéb/);
    await typesIntoGrub(console, peer);
    console.assertClean();
  });

  it('have a terminal, and take what is typed', async () => {
    const console = await (await enter()).opens('pve:101', 'terminal');
    await prompt(shell.prompted);
    await console.page.keyboard.type('echo by-terminal > by-terminal\n');
    assert.equal(await typedFile(shell, 'by-terminal'), 'by-terminal\n');
    console.assertClean();
  });

  it('that are stopped are named so, and come up by one click', async () => {
    const console = await stage.open(each, { machine: 'pve:102' }, PHONE);
    await console.faulted('machine_not_running');
    await console.says(/pve: VM sleeper \(102\) is stopped/);
    await console.click('switch-on');
    await console.reaches('connected', 20_000);
    await showsScreen(console, () => peer.screenshot());
    console.assertOnlyRefusals(409);
  });
});
