import assert from 'node:assert/strict';
import { before, describe, it } from 'mocha';
import { RedfishSimulator } from '../simulators/redfish.ts';
import { OpenBmcSockets } from '../simulators/redfish/openbmc-sockets.ts';
import { cleanUp } from '../support/dispose.ts';
import { API_TOKENS, TestGateway } from '../support/gateway.ts';
import { startGuacd } from '../support/guacd.ts';
import { QemuPeer } from '../support/qemu.ts';
import { startRedis } from '../support/redis.ts';
import { SerialMachine } from '../support/serial-machine.ts';
import { until } from '../support/until.ts';
import { assertTypesIntoGrub } from './support/grub.ts';
import { problemOf } from './support/problem.ts';

const as = API_TOKENS.portal;

describe("a console of OpenBMC's", () => {
  const suite = cleanUp();
  const each = cleanUp('each');
  let gateway: TestGateway;
  let bmc: RedfishSimulator;
  let sockets: OpenBmcSockets;
  let screen: QemuPeer;
  let serial: SerialMachine;

  before(async function () {
    this.timeout(60_000);
    const start = suite.start.bind(suite);
    const [redis, guacd] = await Promise.all([start(startRedis()), start(startGuacd())]);
    [bmc, screen, serial] = await Promise.all([
      start(RedfishSimulator.start({ vendor: 'openbmc' })),
      start(QemuPeer.start({ security: 'none', boot: 'grub' })),
      start(SerialMachine.start()),
    ]);
    sockets = new OpenBmcSockets(bmc.accounts, { screen: screen.port, serial: serial.port });
    suite.add(() => sockets.cut());
    bmc.upgrades.push(sockets.handle);
    const hosts = [{ id: 'node', ...bmc.section }];
    const providers = [{ id: 'metal', type: 'bmc', hosts }];
    const lab = { redis, guacd, machines: [], config: { providers } };
    gateway = await start(TestGateway.start(lab));
  });

  const open = (kind: 'vnc' | 'sol') => gateway.openRedeemed({ machine: 'metal:node', kind });
  const close = (id: string) => gateway.call('DELETE', `/consoles/${id}`, { as });

  /** But the one by which the list is asked for. */
  const sessions = () => bmc.accounts.sessions.length - 1;

  for (const way of ['token', 'cookie'] as const) {
    it(`shows its screen, let in by ${way}, and logs out at its end`, async () => {
      sockets.accepts = [way];
      each.add(() => void (sockets.accepts = ['token', 'cookie']));
      const opened = await open('vnc');
      await each.add(await gateway.tunnel(opened)).pictured();
      assert.equal(sockets.viewers, 1);
      await close(opened.id);
      await until(() => sockets.viewers === 0 && sessions() <= 0, {
        timeout: 5000,
        what: 'the BMC to be left',
      });
    });
  }

  it('is not shown to more than the BMC allows, and says so', async () => {
    const opened = [];
    for (let place = 0; place < 4; place += 1) {
      const one = await open('vnc');
      await each.add(await gateway.tunnel(one)).pictured();
      opened.push(one);
    }
    const fifth = await open('vnc');
    const answer = await gateway.call('POST', `/consoles/${fifth.id}/token`, {
      as: fifth.bearer,
      body: {},
    });
    await problemOf(answer, 503, 'bmc_slots_full');
    await Promise.all([...opened, fifth].map(({ id }) => close(id)));
  });

  it('comes back on the page after the BMC has restarted', async () => {
    const opened = await open('vnc');
    const tunnel = each.add(await gateway.tunnel(opened));
    await tunnel.pictured();
    bmc.accounts.sessions.length = 0;
    sockets.cut();
    assert.notEqual((await tunnel.closed).code, 4003);
    await each.add(await gateway.tunnel(opened)).pictured();
    await close(opened.id);
  });

  it('of its serial line stays through a restart, and takes what is typed', async function () {
    this.timeout(90_000);
    const opened = await open('sol');
    const tunnel = each.add(await gateway.tunnel(opened));
    await tunnel.pictured();
    bmc.accounts.sessions.length = 0;
    sockets.cut();
    await assertTypesIntoGrub(tunnel, serial);
    await close(opened.id);
  });

  it('of its screen takes what is typed, a paste of any size too', async function () {
    this.timeout(90_000);
    const opened = await open('vnc');
    const tunnel = each.add(await gateway.tunnel(opened));
    await tunnel.pictured();
    // As VNC's cut text it is one message.
    const text = Buffer.from('x'.repeat(6000)).toString('base64');
    tunnel.socket.send('9.clipboard,1.0,10.text/plain;');
    tunnel.socket.send(`4.blob,1.0,${text.length}.${text};`);
    tunnel.socket.send('3.end,1.0;');
    await assertTypesIntoGrub(tunnel, screen);
    await close(opened.id);
  });
});
