import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { before, describe, it } from 'mocha';
import { machineView } from '../../server/contract/index.ts';
import { OpenNebulaSimulator, type SimulatedVm } from '../simulators/opennebula.ts';
import { cleanUp } from '../support/dispose.ts';
import { API_TOKENS, TestGateway } from '../support/gateway.ts';
import { startGuacd } from '../support/guacd.ts';
import { logBook } from '../support/log-book.ts';
import { QemuPeer } from '../support/qemu.ts';
import { startRedis } from '../support/redis.ts';
import { assertTypesIntoGrub } from './support/grub.ts';
import { problemOf } from './support/problem.ts';

/** VNC takes the first eight characters alone. */
const PASSWORD = logBook.secret(randomBytes(9).toString('hex'));

describe('a VM of OpenNebula', () => {
  const suite = cleanUp();
  const each = cleanUp('each');
  let machine: QemuPeer;
  let gateway: TestGateway;
  let vm: SimulatedVm;

  before(async function () {
    this.timeout(60_000);
    const [redis, guacd, qemu, one] = await Promise.all([
      suite.start(startRedis()),
      suite.start(startGuacd()),
      suite.start(QemuPeer.start({ boot: 'grub' })),
      suite.start(OpenNebulaSimulator.start()),
    ]);
    machine = qemu;
    await machine.setPassword(PASSWORD.slice(0, 8));
    const graphics = { TYPE: 'VNC', LISTEN: '0.0.0.0', PORT: `${qemu.port}`, PASSWD: PASSWORD };
    vm = {
      id: 42,
      name: 'wéb',
      uname: 'alice',
      numbers: [3, 3],
      hosts: ['gone', 'kvm2'],
      graphics,
    };
    one.vms.push(vm);
    const { url, session } = one;
    const hosts = { kvm2: qemu.host };
    const provider = {
      id: 'one',
      type: 'opennebula',
      url,
      session,
      hosts,
      owner: { label: 'user' },
    };
    const config = { providers: [provider] };
    gateway = await suite.start(TestGateway.start({ redis, guacd, machines: [], config }));
  });

  it('that is off says so, and is switched on by its owner from here', async () => {
    vm.numbers = [8, 0];
    const opened = await gateway.openRedeemed({ machine: 'one:42' });
    const path = `/consoles/${opened.id}/token`;
    const refused = await gateway.call('POST', path, { as: opened.bearer, body: {} });
    const { detail } = await problemOf(refused, 409, 'machine_not_running');
    assert.equal(detail, 'one: VM wéb is POWEROFF');
    const body = { action: 'on' };
    const power = { as: API_TOKENS.customer, body };
    const told = await gateway.call('POST', '/machines/one:42/power', power);
    assert.equal(told.status, 202);
    assert.deepEqual(vm.numbers, [3, 3]);
  });

  it('is its user’s in the list', async () => {
    const answer = await gateway.call('GET', '/machines/one:42', { as: API_TOKENS.customer });
    const view = machineView.parse(await answer.json());
    assert.deepEqual([view.name, view.consoles, view.power], ['wéb', ['vnc'], 'on']);
  });

  it('shows its screen and takes what is typed, on the host where it is now', async function () {
    this.timeout(60_000);
    const opened = await gateway.openRedeemed({ machine: 'one:42' });
    const tunnel = each.add(await gateway.tunnel(opened));
    await tunnel.pictured();
    await assertTypesIntoGrub(tunnel, machine);
  });
});
