import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { before, describe, it } from 'mocha';
import { type MachineView, machineList } from '../../server/contract/index.ts';
import { ProxmoxSimulator, type SimulatedGuest } from '../simulators/proxmox.ts';
import { makeCertificate } from '../support/certificate.ts';
import { cleanUp } from '../support/dispose.ts';
import { API_TOKENS, TestGateway } from '../support/gateway.ts';
import { startGuacd } from '../support/guacd.ts';
import { QemuPeer } from '../support/qemu.ts';
import { startRedis } from '../support/redis.ts';
import { type ShellPeer, startShell } from '../support/shell.ts';
import { until } from '../support/until.ts';
import { assertTypesIntoGrub } from './support/grub.ts';
import { problemOf } from './support/problem.ts';
import { assertTypes, prompt } from './support/typing.ts';

describe('a guest of Proxmox VE', () => {
  const suite = cleanUp();
  const each = cleanUp('each');
  let machine: QemuPeer;
  let shell: ShellPeer;
  let pve: ProxmoxSimulator;
  let gateway: TestGateway;
  let vm: SimulatedGuest;

  before(async function () {
    this.timeout(60_000);
    const tls = await makeCertificate();
    const [redis, guacd] = await Promise.all([
      suite.start(startRedis()),
      suite.start(startGuacd()),
    ]);
    [machine, shell, pve] = await Promise.all([
      suite.start(QemuPeer.start({ boot: 'grub' })),
      suite.start(startShell()),
      suite.start(ProxmoxSimulator.start(tls)),
    ]);
    vm = pve.add({
      ...{ vmid: 100, type: 'qemu', node: 'pve1', name: 'wéb', status: 'stopped' },
      ...{ tags: 'customer-alice', screen: machine },
    });
    pve.add({
      ...{ vmid: 101, type: 'lxc', node: 'pve2', name: 'mail', status: 'running' },
      shell,
    });
    const { fingerprint256: fingerprint } = new X509Certificate(tls.cert);
    const { url, username, password } = pve;
    const owner = { label: 'customer-*' };
    const signIn = { url, fingerprint, username, password };
    const provider = { id: 'pve', type: 'proxmox', ...signIn, owner };
    const config = { providers: [provider] };
    gateway = await suite.start(TestGateway.start({ redis, guacd, machines: [], config }));
  });

  async function listed(as: string): Promise<MachineView[]> {
    const answer = await gateway.call('GET', '/machines', { as });
    return machineList.parse(await answer.json()).items;
  }

  it('is in the list of its owner, and all guests in that of staff', async () => {
    const all = () => listed(API_TOKENS.portal).then((found) => found.length === 2 && found);
    const found = await until(all, { timeout: 5000, what: 'the list' });
    assert.deepEqual(
      found.map(({ id, name, consoles }) => [id, name, consoles]),
      [
        ['pve:100', 'wéb', ['vnc']],
        ['pve:101', 'mail', ['vnc', 'terminal']],
      ],
    );
    const own = await listed(API_TOKENS.customer);
    assert.deepEqual(
      own.map(({ id, power, state }) => [id, power, state]),
      [['pve:100', 'off', 'VM wéb (100) is stopped']],
    );
  });

  it('that is stopped says so, and is started by its owner from here', async () => {
    const opened = await gateway.openRedeemed({ machine: 'pve:100' });
    const path = `/consoles/${opened.id}/token`;
    const refused = await gateway.call('POST', path, { as: opened.bearer, body: {} });
    const { detail } = await problemOf(refused, 409, 'machine_not_running');
    assert.equal(detail, 'pve: VM wéb (100) is stopped');
    const power = { as: API_TOKENS.customer, body: { action: 'on' } };
    const told = await gateway.call('POST', '/machines/pve:100/power', power);
    assert.equal(told.status, 202);
    assert.equal(vm.status, 'running');
  });

  it('shows its screen and takes what is typed, on the node where it is now', async function () {
    this.timeout(60_000);
    vm.node = 'pve3';
    const opened = await gateway.openRedeemed({ machine: 'pve:100' });
    const tunnel = each.add(await gateway.tunnel(opened));
    await tunnel.pictured();
    await assertTypesIntoGrub(tunnel, machine);
  });

  it('shows its terminal in the page’s size, and the console ends with it', async () => {
    let shown = '';
    shell.stream.on('data', (chunk: Buffer) => {
      shown += chunk.toString();
    });
    const display = { width: 1200, height: 600 };
    const opened = await gateway.openRedeemed({ machine: 'pve:101', kind: 'terminal', display });
    const tunnel = each.add(await gateway.tunnel(opened));
    await tunnel.pictured();
    await prompt(shell.prompted);
    await until(() => pve.door.sizes.length > 0, { timeout: 5000, what: 'the size' });
    const [columns = 0, rows = 0] = pve.door.sizes[0] ?? [];
    assert.ok(columns > 100 && rows > 20, `${columns} by ${rows}`);
    const drawn = tunnel.text.length;
    await assertTypes(tunnel, shell.home);
    assert.match(shown, /echo hello > typed\r\n/);
    await until(() => tunnel.text.length > drawn, { timeout: 5000, what: 'the echo to be drawn' });
    tunnel.typeText('exit\n');
    assert.deepEqual(await tunnel.closed, { code: 4003, reason: '518' });
    const closed = async () => (await gateway.view(opened.id)).state === 'closed';
    await until(closed, { timeout: 2000, what: 'the console to be closed' });
    const { reason, error } = await gateway.view(opened.id);
    assert.deepEqual([reason, error], ['ended', null]);
  });
});
