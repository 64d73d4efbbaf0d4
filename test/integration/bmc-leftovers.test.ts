import assert from 'node:assert/strict';
import { before, describe, it } from 'mocha';
import { RedfishSimulator } from '../simulators/redfish.ts';
import { OpenBmcSockets } from '../simulators/redfish/openbmc-sockets.ts';
import { cleanUp } from '../support/dispose.ts';
import { API_TOKENS, TestGateway, type TestGatewayOptions } from '../support/gateway.ts';
import { startGuacd } from '../support/guacd.ts';
import { QemuPeer } from '../support/qemu.ts';
import { startRedis } from '../support/redis.ts';
import { until } from '../support/until.ts';
import { GatewayProcess } from './support/gateway-process.ts';

/** Until a gateway counts as dead, and another has looked twice. ms */
const TAKEN_OVER = 40_000;

describe('what a console makes at a BMC', () => {
  const suite = cleanUp();
  const each = cleanUp('each');
  let lab: TestGatewayOptions;
  let gateway: TestGateway;
  let openBmc: RedfishSimulator;
  let idrac: RedfishSimulator;

  before(async function () {
    this.timeout(60_000);
    const start = suite.start.bind(suite);
    const [redis, guacd] = await Promise.all([start(startRedis()), start(startGuacd())]);
    const plain = await start(QemuPeer.start({ security: 'none' }));
    const guarded = await start(QemuPeer.start());
    openBmc = await start(RedfishSimulator.start({ vendor: 'openbmc' }));
    openBmc.upgrades.push(new OpenBmcSockets(openBmc.accounts, { screen: plain.port }).handle);
    idrac = await start(RedfishSimulator.start({ vendor: 'dell' }));
    const { hardware } = idrac;
    hardware.attributes['VNCServer.1.Port'] = guarded.port;
    hardware.onAttributes = () =>
      guarded.setPassword(String(hardware.attributes['VNCServer.1.Password']));
    const temporaryUser = { role: 'Administrator' };
    const hosts = [
      { id: 'node', ...openBmc.section, temporaryUser },
      { id: 'r640', ...idrac.section, temporaryUser },
    ];
    const config = { providers: [{ id: 'metal', type: 'bmc', hosts }] };
    lab = { redis, guacd, machines: [], config };
    gateway = await start(TestGateway.start(lab));
  });

  const temporary = () =>
    [...openBmc.accounts.slots.values()].filter(({ name }) => name.startsWith('rackside'));
  const vncIsOff = () => idrac.hardware.attributes['VNCServer.1.Enable'] === 'Disabled';

  async function shown(by: TestGateway, id: string): Promise<string> {
    const opened = await by.openRedeemed({ machine: `metal:${id}`, kind: 'vnc' });
    await each.add(await by.tunnel(opened)).pictured();
    return opened.id;
  }

  it('is an account with which it signs in, and which goes with it', async () => {
    const id = await shown(gateway, 'node');
    const [account] = temporary();
    assert.equal(account?.role, 'Administrator');
    assert.ok(openBmc.accounts.sessions.some(({ user }) => user === account.name));
    await gateway.call('DELETE', `/consoles/${id}`, { as: API_TOKENS.portal });
    await until(() => temporary().length === 0, { timeout: 5000, what: 'the account to go' });
    assert.ok(!openBmc.accounts.sessions.some(({ user }) => user === account.name));
  });

  it('is undone by another gateway when its own is killed', async function () {
    this.timeout(2 * TAKEN_OVER);
    const killed = each.add(await GatewayProcess.serve(lab));
    await shown(killed, 'node');
    await shown(killed, 'r640');
    assert.deepEqual([temporary().length, vncIsOff()], [1, false]);
    await killed.signal('SIGKILL');
    await until(() => temporary().length === 0 && vncIsOff(), {
      timeout: TAKEN_OVER,
      what: 'account and VNC server to go',
      every: 200,
    });
  });
});
