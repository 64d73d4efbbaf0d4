import assert from 'node:assert/strict';
import { before, describe, it } from 'mocha';
import type { PowerAction } from '../../server/contract/index.ts';
import { GatewayError } from '../../server/errors.ts';
import type { BmcProvider } from '../../server/providers/bmc/index.ts';
import type { KvmConsoles } from '../../server/providers/provider-context.ts';
import { RedfishSimulator } from '../simulators/redfish.ts';
import { cleanUp } from '../support/dispose.ts';
import { IpmiPeer } from '../support/ipmi.ts';
import { runningWith } from '../support/running.ts';
import { until } from '../support/until.ts';
import { bmcProvider, hostOf, rejects } from './support/bmc.ts';

describe('a BMC over IPMI', () => {
  const suite = cleanUp();
  const each = cleanUp('each');
  let ipmi: IpmiPeer;

  before(async () => {
    ipmi = await suite.start(IpmiPeer.start());
  });

  function board(more: object = {}, section: object = {}): object {
    const { host: address, port, admin } = ipmi;
    const own = { port, cipherSuite: 3, ...section };
    return { id: 'old', address, redfish: false, ...admin, ipmi: own, ...more };
  }

  function providerOf(...hosts: object[]) {
    const provider = bmcProvider(hosts);
    each.add(() => provider.stop());
    return provider;
  }

  it('shows its power and switches it', async () => {
    const provider = providerOf(board());
    const machine = await provider.get('old');
    const on: PowerAction[] = ['off', 'reset', 'cycle', 'shutdown', 'nmi'];
    assert.deepEqual([machine?.power, machine?.powerActions], ['on', on]);
    await provider.power('old', 'reset');
    await provider.power('old', 'shutdown');
    assert.deepEqual((await provider.get('old'))?.powerActions, ['on']);
    await provider.power('old', 'on');
    assert.deepEqual(await ipmi.done(), ['set reset 1', 'set shutdown 1', 'set power 1']);
    // OpenIPMI's simulator has no NMI.
    await rejects(provider.power('old', 'nmi'), 'power_unavailable', /over IPMI/);
    await rejects(provider.power('old', 'suspend'), 'power_unavailable', /no suspend/);
  });

  it('is told what to start from once, and its light to blink', async () => {
    const provider = providerOf(board());
    const machine = await provider.get('old');
    assert.deepEqual(machine?.bootDevices, ['pxe', 'disk', 'cd', 'setup', 'none']);
    const before = (await ipmi.done()).length;
    await provider.boot('old', 'pxe');
    await provider.boot('old', 'setup');
    await provider.identify('old', true);
    await provider.identify('old', false);
    const done = ['set boot pxe', 'set boot bios', 'set identify 0 1', 'set identify 0 0'];
    assert.deepEqual((await ipmi.done()).slice(before), done);
  });

  it('is told first to keep in mind what to start from, which it else forgets in a minute', async () => {
    const line = await commandOf((provider, signal) => provider.boot('old', 'pxe', signal));
    assert.match(line, / raw 0x00 0x08 0x03 0x08 ?$/);
  });

  it('is what a BMC without Redfish is asked by, and one whose web server is off', async () => {
    const bmc = await each.start(RedfishSimulator.start());
    bmc.redfish = false;
    const { port: web } = bmc;
    const without = { redfish: true, ca: bmc.ca };
    const provider = providerOf(
      board({ ...without, id: 'page', port: web }),
      board({ ...without, id: 'off', port: 1 }),
    );
    assert.deepEqual(
      (await provider.list()).map(({ power, state }) => [power, state]),
      [
        ['on', undefined],
        ['on', undefined],
      ],
    );
  });

  it('is not asked where there is Redfish, and cannot be where it is not enabled', async () => {
    const bmc = await each.start(RedfishSimulator.start());
    const provider = providerOf(hostOf(bmc, { ipmi: { port: 1 } }));
    assert.equal((await provider.get('rack1'))?.power, 'on');
    bmc.redfish = false;
    const alone = providerOf(hostOf(bmc, { ipmi: { enabled: false } }));
    await rejects(alone.get('rack1'), 'bmc_unavailable', /no Redfish, and ipmi is not enabled/);
  });

  it('is not needed for the console of a web page, of a board that has nothing else', async () => {
    const { host: address } = ipmi;
    const none = { redfish: false, ipmi: { enabled: false } };
    const host = { id: 'page', address, port: 1, username: 'u', password: 'p', ...none };
    const form = { driver: 'browser' };
    const asked: string[] = [];
    const kvm: KvmConsoles = {
      async open({ vendor }) {
        asked.push(vendor);
        throw new GatewayError('kvm_unavailable', 'metal: no screens here');
      },
    };
    const provider = bmcProvider([{ ...host, kvm: form }], { kvm });
    const { signal } = new AbortController();
    const [machine] = await provider.list();
    const { power, powerActions, consoles, state } = machine ?? {};
    assert.deepEqual([power, powerActions, consoles, state], ['unknown', [], ['kvm'], undefined]);
    assert.deepEqual(await provider.get('page'), machine);
    const request = { machineId: 'page', kind: 'kvm', signal } as const;
    const told = { onStep: () => undefined, onFault: () => undefined };
    await rejects(provider.resolve({ ...request, ...told }), 'kvm_unavailable');
    assert.deepEqual(asked, ['browser']);
    await rejects(provider.power('page', 'on'), 'power_unavailable', /neither Redfish nor IPMI/);
    const nothing = { name: 'ConfigError', message: /hosts\.0\.ipmi\.enabled: expected true/ };
    assert.throws(() => bmcProvider([host]), nothing);
  });

  it('says that the password is wrong, and does not try it again at once', async () => {
    await rejects(providerOf(board({ username: 'nobody' })).get('old'), 'provider_refused');
    const long = 'x'.repeat(21);
    await rejects(providerOf(board({ password: long })).get('old'), 'provider_refused', /so long/);
    const provider = providerOf(board({ password: 'wrong' }));
    await rejects(provider.get('old'), 'provider_refused', /over IPMI/);
    each.add(() => ipmi.restart());
    await ipmi.kill();
    // Were it asked, it would not answer.
    await rejects(provider.get('old'), 'provider_refused', /over IPMI/);
  });

  it('says that the account may not switch, which it may look', async () => {
    const provider = providerOf(board({ ...ipmi.guest }, { privilege: 'USER' }));
    assert.equal((await provider.get('old'))?.power, 'on');
    await rejects(provider.power('old', 'reset'), 'provider_refused', /does not allow/);
    assert.equal(
      (await provider.get('old'))?.power,
      'on',
      'one refused command keeps no other away',
    );
  });

  it('says what to do where the cipher suite is another', async () => {
    const provider = providerOf(board({}, { cipherSuite: 17 }));
    await rejects(provider.get('old'), 'bmc_unavailable', /ipmi\.cipherSuite, to 3/);
  });

  it('says that nobody answers, and lets go when nobody waits any more', async () => {
    const provider = providerOf(
      board({}, { port: 1 }),
      board({ id: 'lost', address: 'a.invalid' }),
    );
    await rejects(provider.get('lost'), 'bmc_unavailable', /does not resolve/);
    const leaving = new AbortController();
    const waiting = assert.rejects(provider.get('old', leaving.signal));
    const began = performance.now();
    leaving.abort();
    await waiting;
    assert.ok(performance.now() - began < 1000);
  });

  it('is never told its password in a command line', async () => {
    const line = await commandOf((provider, signal) => provider.get('old', signal));
    assert.match(line, /-U admin -E chassis power status/);
    assert.ok(!line.includes(ipmi.admin.password));
  });

  /** The command line with which a BMC is asked that does not answer. */
  async function commandOf(
    ask: (provider: BmcProvider, signal: AbortSignal) => Promise<unknown>,
  ): Promise<string> {
    // Nobody else asks there.
    const port = 60_000 + (process.pid % 5000);
    const leaving = new AbortController();
    const waiting = assert.rejects(ask(providerOf(board({}, { port })), leaving.signal));
    const line = await until(async () => (await runningWith('ipmitool', port))[0], {
      timeout: 3000,
      what: 'ipmitool',
    });
    leaving.abort();
    await waiting;
    return line;
  }
});
