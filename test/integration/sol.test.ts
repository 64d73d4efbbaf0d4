import assert from 'node:assert/strict';
import { before, describe, it } from 'mocha';
import { cleanUp } from '../support/dispose.ts';
import {
  API_TOKENS,
  type TestConsole,
  TestGateway,
  type TestGatewayOptions,
} from '../support/gateway.ts';
import { startGuacd } from '../support/guacd.ts';
import { IpmiPeer } from '../support/ipmi.ts';
import { startRedis } from '../support/redis.ts';
import { runningWith } from '../support/running.ts';
import { SerialMachine } from '../support/serial-machine.ts';
import { type SshPeer, startSsh } from '../support/ssh.ts';
import { until } from '../support/until.ts';
import { GatewayProcess } from './support/gateway-process.ts';
import { assertTypesIntoGrub } from './support/grub.ts';
import { problemOf } from './support/problem.ts';
import { assertTypes, prompt } from './support/typing.ts';

const as = API_TOKENS.portal;

describe("a console of a server's serial line", () => {
  const suite = cleanUp();
  const each = cleanUp('each');
  let gateway: TestGateway;
  let other: TestGateway;
  let machine: SerialMachine;
  let ipmi: IpmiPeer;
  let lab: TestGatewayOptions;
  let ssh: SshPeer;

  before(async function () {
    this.timeout(40_000);
    const start = suite.start.bind(suite);
    const [redis, guacd] = await Promise.all([start(startRedis()), start(startGuacd())]);
    [machine, ssh] = await Promise.all([start(SerialMachine.start()), start(startSsh())]);
    ipmi = await start(IpmiPeer.start({ serialPort: machine.port }));
    const { host: address, port, admin } = ipmi;
    const board = { address, redfish: false, ...admin, ipmi: { port, cipherSuite: 3 } };
    const key = { port: ssh.port, username: ssh.username, hostKey: ssh.hostKeyLine };
    const hosts = [
      { id: 'rack1', owner: 'alice', ...board },
      { id: 'rack2', ...board, sol: { via: 'ssh', ssh: { ...key, privateKey: ssh.privateKey } } },
    ];
    const providers = [{ id: 'metal', type: 'bmc', hosts }];
    lab = { redis, guacd, machines: [], config: { providers } };
    [gateway, other] = await Promise.all([
      start(TestGateway.start(lab)),
      start(TestGateway.start(lab)),
    ]);
  });

  const open = (by = gateway, id = 'rack1') =>
    by.openRedeemed({ machine: `metal:${id}`, kind: 'sol' });

  /** As the page does: it comes again while the console before it is being let go. */
  const tunnelOf = (by: TestGateway, opened: TestConsole) =>
    until(() => by.tunnel(opened), { timeout: 8000, what: 'the line to be free' });

  it('is one at a time, on whichever gateway, and is free when that has ended', async () => {
    const first = await open();
    await each.add(await gateway.tunnel(first)).pictured();
    const second = await open(other);
    const path = `/consoles/${second.id}/token`;
    const refused = await other.call('POST', path, { as: second.bearer, body: {} });
    const { detail } = await problemOf(refused, 503, 'target_busy');
    assert.match(detail, /another console has its serial line/);
    await gateway.call('DELETE', `/consoles/${first.id}`, { as });
    const third = await open(other);
    await each.add(await tunnelOf(other, third)).pictured();
    await other.call('DELETE', `/consoles/${third.id}`, { as });
  });

  it('shows two pages of one console the same line', async () => {
    const opened = await open();
    await each.add(await tunnelOf(gateway, opened)).pictured();
    await each.add(await gateway.tunnel(opened)).pictured();
    await gateway.call('DELETE', `/consoles/${opened.id}`, { as });
  });

  it('is reached by SSH where the BMC has it so', async () => {
    const tunnel = each.add(await gateway.tunnel(await open(gateway, 'rack2')));
    await tunnel.pictured();
    await prompt(ssh.prompted);
    await assertTypes(tunnel, ssh.home);
  });

  it('leaves nothing running when its gateway is killed, and opens at another', async function () {
    this.timeout(60_000);
    const killed = each.add(await GatewayProcess.serve(lab));
    const opened = await open(killed);
    await each.add(await tunnelOf(killed, opened)).pictured();
    const running = async () => (await runningWith('ipmitool', ipmi.port)).length;
    assert.equal(await running(), 1);
    await killed.signal('SIGKILL');
    await until(async () => (await running()) === 0, { timeout: 5000, what: 'ipmitool to end' });
    // Its claim is over by itself.
    const next = await open();
    const free = async () => {
      const body = { as: next.bearer, body: {} };
      const answer = await gateway.call('POST', `/consoles/${next.id}/token`, body);
      if (answer.status !== 200) throw new Error(await answer.text());
      return true;
    };
    await until(free, { timeout: 20_000, what: 'the line to be free', every: 500 });
    await gateway.call('DELETE', `/consoles/${next.id}`, { as });
  });

  it('takes what is typed', async function () {
    this.timeout(90_000);
    const opened = await open();
    const tunnel = each.add(await tunnelOf(gateway, opened));
    await tunnel.pictured();
    await assertTypesIntoGrub(tunnel, machine);
  });
});
