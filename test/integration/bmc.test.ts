import assert from 'node:assert/strict';
import { before, describe, it } from 'mocha';
import {
  type MachineView,
  createdConsole,
  machineControls,
  redeemAnswer,
} from '../../server/contract/index.ts';
import { runCli } from '../cli/support/run-cli.ts';
import { RedfishSimulator } from '../simulators/redfish.ts';
import { cleanUp } from '../support/dispose.ts';
import { TestGateway } from '../support/gateway.ts';
import { logBook } from '../support/log-book.ts';
import { startRedis } from '../support/redis.ts';
import { auditOf } from './support/audit.ts';
import { problemOf } from './support/problem.ts';
import { redeem } from './support/sharing.ts';
import { configToken } from './support/staff.ts';

const alice = configToken('alice', 'customer');
const viewer = configToken('viewer', 'support', { actions: ['list', 'open'] });
const boss = configToken('boss', 'admin');

describe('a server by its BMC', () => {
  const suite = cleanUp();
  let gateway: TestGateway;
  let bmc: RedfishSimulator;

  before(async () => {
    const redis = await suite.start(startRedis());
    bmc = await suite.start(RedfishSimulator.start({ vendor: 'dell' }));
    const hosts = [
      { id: 'r640', owner: 'alice', ...bmc.section },
      { id: 'theirs', owner: 'bob', ...bmc.section },
      { id: 'traced', owner: 'alice', ...bmc.section },
    ];
    gateway = await suite.start(
      TestGateway.start({
        redis,
        guacd: { host: '127.0.0.1', port: 1 },
        machines: [],
        config: {
          apiTokens: [alice, viewer, boss].map(({ line }) => line),
          providers: [{ id: 'metal', type: 'bmc', hosts }],
        },
      }),
    );
  });

  const path = (id: string) => `/machines/${encodeURIComponent(`metal:${id}`)}`;
  const tell = (what: string, body: object, as = alice.token, id = 'r640') =>
    gateway.call('POST', `${path(id)}/${what}`, { as, body });
  const cli = (...args: string[]) =>
    runCli(args, { env: { RACKSIDE_CLI_URL: gateway.url, RACKSIDE_CLI_TOKEN: alice.token } });

  async function view(as: string): Promise<MachineView> {
    return (await (await gateway.call('GET', path('r640'), { as })).json()) as MachineView;
  }

  it('is shown with what the caller may do to it, and nothing else', async () => {
    const { consoles, powerActions, bootDevices, identify } = await view(alice.token);
    assert.deepEqual(consoles, ['vnc', 'kvm']);
    assert.deepEqual(powerActions, ['off', 'reset', 'cycle', 'shutdown', 'nmi']);
    assert.deepEqual(bootDevices, ['pxe', 'disk', 'cd', 'setup', 'none']);
    assert.equal(identify, true);
    const seen = await view(viewer.token);
    assert.deepEqual([seen.powerActions, seen.bootDevices, seen.identify], [[], [], false]);
  });

  it('starts from what it is told once, and is found by its light', async () => {
    assert.equal((await tell('boot', { device: 'pxe' })).status, 202);
    assert.equal((await tell('identify', { on: true })).status, 202);
    assert.equal((await tell('power', { action: 'cycle' })).status, 202);
    assert.deepEqual(bmc.hardware.boot, { target: 'Pxe', enabled: 'Once' });
    assert.equal(bmc.hardware.identifying, true);
    assert.deepEqual(bmc.hardware.resets, ['PowerCycle']);
  });

  it('is told so by the command line, too', async function () {
    this.timeout(120_000);
    const told = await cli('boot', 'r640', 'setup');
    assert.deepEqual([told.code, told.stdout, told.stderr], [0, '', '']);
    assert.equal(bmc.hardware.boot.target, 'BiosSetup');
    await cli('identify', 'r640', 'off');
    assert.equal(bmc.hardware.identifying, false);
    await cli('identify', 'metal:r640');
    assert.equal(bmc.hardware.identifying, true);
    assert.equal((await cli('boot', 'r640', 'tape')).code, 2);
  });

  /** A console of it that this token has opened, in the hands of its browser. */
  async function held(as: string, more: object = {}) {
    const body = { machine: 'metal:r640', kind: 'kvm', ...more };
    const opened = await gateway.call('POST', '/consoles', { as, body });
    const { id, url } = createdConsole.parse(await opened.json());
    const key = logBook.secret(new URL(url).hash.slice(1));
    const redeemed = redeemAnswer.parse(await (await redeem(gateway, id, { key })).json());
    const bearer = logBook.secret(redeemed.bearer);
    return {
      id,
      call: (method: string, what: string, sent?: object) =>
        gateway.call(method, `/consoles/${id}/${what}`, {
          ...{ as: bearer, ...(sent && { body: sent }) },
        }),
    };
  }

  it('is told so from its console, by whoever holds that', async () => {
    const { id, call } = await held(alice.token);
    const controls = machineControls.parse(await (await call('GET', 'machine')).json());
    const { power, powerActions, bootDevices, identify, media } = await view(alice.token);
    assert.deepEqual(controls, { power, powerActions, bootDevices, identify, media });
    assert.equal((await call('POST', 'boot', { device: 'cd' })).status, 202);
    assert.equal((await call('POST', 'identify', { on: true })).status, 202);
    assert.equal((await call('POST', 'power', { action: 'reset' })).status, 202);
    assert.deepEqual(bmc.hardware.boot, { target: 'Cd', enabled: 'Once' });
    assert.equal(bmc.hardware.identifying, true);
    assert.equal(bmc.hardware.resets.at(-1), 'ForceRestart');
    const told = await auditOf(gateway, boss.token, `action=power&console=${id}`, 3);
    assert.deepEqual(
      told.map(({ who, via, detail }) => [who, via, detail].join(' ')),
      ['alice console boot once: cd', 'alice console identify: on', 'alice console reset'],
    );
  });

  it('is not told anything from a console to look at, of who may not, or that is over', async () => {
    for (const { call } of [
      await held(alice.token, { readOnly: true }),
      await held(viewer.token),
    ]) {
      await problemOf(await call('GET', 'machine'), 403, 'forbidden');
      await problemOf(await call('POST', 'boot', { device: 'pxe' }), 403, 'forbidden');
      await problemOf(await call('POST', 'identify', { on: true }), 403, 'forbidden');
      await problemOf(await call('POST', 'power', { action: 'off' }), 403, 'forbidden');
      await problemOf(await call('GET', 'media'), 403, 'forbidden');
    }
    const { id, call } = await held(alice.token);
    await gateway.call('DELETE', `/consoles/${id}`, { as: alice.token });
    await problemOf(await call('POST', 'power', { action: 'off' }), 410, 'console_killed');
    assert.equal(bmc.hardware.power, 'On');
  });

  it('is not told anything by whoever may not switch it', async () => {
    for (const [what, body] of [
      ['boot', { device: 'cd' }],
      ['identify', { on: false }],
    ] as const) {
      await problemOf(await tell(what, body, viewer.token), 403, 'forbidden');
      await problemOf(await tell(what, body, alice.token, 'theirs'), 404, 'machine_not_found');
    }
    assert.equal(bmc.hardware.boot.target, 'Cd');
  });

  it('has it all in the audit trail, done or refused', async () => {
    const id = 'traced';
    await tell('boot', { device: 'cd' }, alice.token, id);
    await tell('identify', { on: false }, alice.token, id);
    await tell('boot', { device: 'disk' }, viewer.token, id);
    await gateway.call('DELETE', `${path(id)}/media/1`, { as: viewer.token });
    const told = await auditOf(gateway, boss.token, `action=power&machine=metal:${id}`, 4);
    assert.deepEqual(
      told.map(({ who, result, detail }) => [who, result, detail].join(' ')).slice(0, 2),
      ['alice ok boot once: cd', 'alice ok identify: off'],
    );
    for (const { who, result, machine } of told.slice(2)) {
      assert.deepEqual([who, result, machine], ['viewer', 'forbidden', `metal:${id}`]);
    }
  });
});
