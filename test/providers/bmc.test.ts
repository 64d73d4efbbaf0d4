import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { ConfigError, parseConfig } from '../../server/config.ts';
import type { PowerAction } from '../../server/contract/index.ts';
import { createLogger } from '../../server/log.ts';
import { guardProvider } from '../../server/providers/guarded-provider.ts';
import { type BmcFault, type RedfishOptions, RedfishSimulator } from '../simulators/redfish.ts';
import type { SimulatedVendor } from '../simulators/redfish/vendors.ts';
import { makeCertificate } from '../support/certificate.ts';
import { cleanUp } from '../support/dispose.ts';
import { logBook } from '../support/log-book.ts';
import { bmcProvider, hostOf, rejects } from './support/bmc.ts';

describe('the provider for BMCs', () => {
  const each = cleanUp('each');
  let now = Date.now();

  async function start(options: RedfishOptions = {}, more: object = {}) {
    const bmc = await each.start(RedfishSimulator.start(options));
    const provider = bmcProvider([hostOf(bmc, more)], { now: () => now });
    each.add(() => provider.stop());
    return { bmc, provider };
  }

  const vendors: Record<SimulatedVendor, readonly [string, readonly PowerAction[]]> = {
    hpe: ['hpe', ['off', 'reset', 'cycle', 'shutdown', 'nmi']],
    'hpe-ilo6': ['hpe', ['off', 'reset', 'cycle', 'shutdown', 'reboot', 'nmi']],
    dell: ['dell', ['off', 'reset', 'cycle', 'shutdown', 'nmi']],
    supermicro: ['supermicro', ['off', 'reset', 'cycle', 'shutdown', 'reboot', 'nmi']],
    ami: ['ami', ['off', 'reset', 'cycle', 'shutdown']],
    openbmc: ['openbmc', ['off', 'reset', 'cycle', 'shutdown', 'reboot', 'nmi']],
  };
  for (const [vendor, [called, actions]] of Object.entries(vendors)) {
    it(`knows ${vendor}, switches it by what it allows, and logs out`, async () => {
      const { bmc, provider } = await start({ vendor: vendor as SimulatedVendor });
      const machine = await provider.get('rack1');
      assert.deepEqual([machine?.power, machine?.powerActions], ['on', actions]);
      assert.ok(machine?.labels?.includes(`vendor=${called}`), machine?.labels?.join());
      await provider.power('rack1', 'reset');
      await provider.power('rack1', 'shutdown');
      assert.deepEqual(bmc.hardware.resets, ['ForceRestart', 'GracefulShutdown']);
      assert.deepEqual((await provider.get('rack1'))?.powerActions, ['on']);
      await provider.power('rack1', 'on');
      assert.equal(bmc.hardware.power, 'On');
      assert.equal(bmc.accounts.sessions.length, 1);
      await provider.stop();
      assert.deepEqual(bmc.accounts.sessions, []);
    });
  }

  for (const vendor of ['hpe', 'ami', 'openbmc'] as const) {
    it(`tells ${vendor} what to start from once, and its light to blink`, async () => {
      const { bmc, provider } = await start({ vendor });
      const machine = await provider.get('rack1');
      assert.deepEqual(machine?.bootDevices, ['pxe', 'disk', 'cd', 'setup', 'none']);
      assert.equal(machine?.identify, true);
      await provider.boot('rack1', 'setup');
      assert.deepEqual(bmc.hardware.boot, { target: 'BiosSetup', enabled: 'Once' });
      await provider.boot('rack1', 'none');
      assert.deepEqual(bmc.hardware.boot, { target: 'None', enabled: 'Disabled' });
      await provider.identify('rack1', true);
      assert.equal(bmc.hardware.identifying, true);
      await provider.identify('rack1', false);
      assert.equal(bmc.hardware.identifying, false);
    });
  }

  it('shows whose a host is, where, and by what it is found', async () => {
    const more = { name: 'Rack 1', owner: 'alice', location: 'default', labels: ['row=4'] };
    const { provider } = await start({}, more);
    const [machine] = await provider.list();
    assert.deepEqual(
      [machine?.name, machine?.owner, machine?.location, machine?.addresses, machine?.type],
      ['Rack 1', 'alice', 'default', ['127.0.0.1'], 'server'],
    );
    assert.deepEqual(machine?.labels, ['row=4', 'vendor=hpe', 'model=Lab 1000', 'serial=L1']);
  });

  it('refuses what the BMC has not, and what is not possible now', async () => {
    const { bmc, provider } = await start({ vendor: 'hpe' });
    await rejects(provider.power('rack1', 'reboot'), 'power_unavailable', /has no reboot/);
    await rejects(provider.power('rack1', 'on'), 'power_unavailable', /ResourceCannotBeReset/);
    assert.deepEqual(bmc.hardware.resets, []);
  });

  it('switches off and on where the BMC has no word for both, once it is off', async () => {
    const { bmc, provider } = await start({ vendor: 'hpe' });
    await provider.get('rack1');
    bmc.hardware.lingers = 2;
    await provider.power('rack1', 'cycle');
    assert.deepEqual([bmc.hardware.resets, bmc.hardware.power], [['ForceOff', 'On'], 'On']);
  });

  it('looks once what a BMC is, and shares one session among all calls', async () => {
    const { bmc, provider } = await start();
    await Promise.all([provider.list(), provider.get('rack1'), provider.get('rack1')]);
    await provider.get('rack1');
    const made = bmc.calls.filter((call) => call.startsWith('POST'));
    assert.equal(made.length, 1);
    const before = bmc.calls.length;
    await provider.get('rack1');
    assert.deepEqual(bmc.calls.slice(before), ['GET /redfish/v1/Systems/1']);
  });

  it('begins another session where the BMC has restarted meanwhile', async () => {
    const { bmc, provider } = await start();
    await provider.get('rack1');
    bmc.accounts.sessions.length = 0;
    assert.equal((await provider.get('rack1'))?.power, 'on');
    assert.equal(bmc.accounts.sessions.length, 1);
  });

  it('brings name and password with each call where there are no sessions', async () => {
    const { bmc, provider } = await start({ vendor: 'supermicro' });
    bmc.accounts.sessionService = false;
    await provider.power('rack1', 'reset');
    assert.deepEqual(bmc.hardware.resets, ['ForceRestart']);
  });

  for (const vendor of ['hpe', 'hpe-ilo6', 'dell', 'ami'] as const) {
    it(`does not knock again with a password that ${vendor} has refused`, async () => {
      const { bmc, provider } = await start({ vendor }, { password: 'not the password' });
      await rejects(provider.get('rack1'), 'provider_refused', /does not accept the username/);
      const { length } = bmc.calls;
      await rejects(provider.get('rack1'), 'provider_refused');
      assert.equal(bmc.calls.slice(length).filter((call) => call.startsWith('POST')).length, 0);
      now += 301_000;
      await rejects(provider.get('rack1'), 'provider_refused');
      assert.equal(bmc.calls.filter((call) => call.startsWith('POST')).length, 2);
    });
  }

  it('says that an account is locked', async () => {
    const { bmc, provider } = await start();
    const account = bmc.accounts.named(bmc.username);
    assert.ok(account);
    account.failures = 5;
    await rejects(provider.get('rack1'), 'bmc_account_locked', /locked/);
  });

  it('says that all places are taken, and gets in when one is free', async () => {
    const { bmc, provider } = await start();
    const others = Array.from({ length: 6 }, () => bmc.accounts.signIn(bmc.username, bmc.password));
    await rejects(provider.get('rack1'), 'bmc_slots_full', /as many sessions/);
    bmc.accounts.signOut(others[0]?.id ?? '');
    assert.equal((await provider.get('rack1'))?.power, 'on');
  });

  it('takes a certificate by its fingerprint, and none that is another', async () => {
    const bmc = await each.start(RedfishSimulator.start());
    const { cert } = await makeCertificate();
    const [right, other] = [bmc.ca, cert].map((pem) => new X509Certificate(pem).fingerprint256);
    const plain = { ca: undefined };
    const known = bmcProvider([hostOf(bmc, { ...plain, fingerprint: right })]);
    each.add(() => known.stop());
    assert.equal((await known.get('rack1'))?.power, 'on');
    const changed = bmcProvider([hostOf(bmc, { ...plain, fingerprint: other })]);
    each.add(() => changed.stop());
    await rejects(changed.get('rack1'), 'target_certificate_refused', /another certificate/);
    const strange = bmcProvider([hostOf(bmc, plain)]);
    each.add(() => strange.stop());
    await rejects(strange.get('rack1'), 'target_certificate_refused', /SELF_SIGNED/);
    assert.equal(bmc.calls.filter((call) => call.startsWith('POST')).length, 1);
  });

  const faults: Record<Exclude<BmcFault, 'hang'>, readonly [string, RegExp]> = {
    half: ['bmc_unavailable', /cannot be reached/],
    html: ['bmc_unavailable', /no Redfish|a web page/],
    nonsense: ['bmc_unavailable', /otherwise than it should/],
    server_error: ['bmc_unavailable', /HTTP 500/],
    redirect: ['bmc_redirected', /redirects/],
    restarting: ['bmc_unavailable', /busy or restarting/],
  };
  for (const [fault, [status, words]] of Object.entries(faults)) {
    it(`says what is wrong with a BMC that answers with: ${fault}`, async () => {
      const { bmc, provider } = await start();
      bmc.fail(fault as BmcFault);
      await rejects(provider.get('rack1'), status, words);
      bmc.mend();
      assert.equal((await provider.get('rack1'))?.power, 'on');
      bmc.fail(fault as BmcFault);
      await rejects(provider.power('rack1', 'reset'), status, words);
      bmc.mend();
    });
  }

  it('says that a BMC does not answer in time', async () => {
    const bmc = await each.start(RedfishSimulator.start());
    const provider = bmcProvider([hostOf(bmc)], { section: { timeout: 0.2 } });
    each.add(() => provider.stop());
    bmc.fail('hang');
    await rejects(provider.get('rack1'), 'bmc_unavailable', /in time/);
  });

  it('that is silent keeps nobody from the others', async function () {
    this.timeout(60_000);
    const [mute, well] = [
      await each.start(RedfishSimulator.start()),
      await each.start(RedfishSimulator.start()),
    ];
    const provider = bmcProvider([{ ...hostOf(mute), id: 'mute' }, hostOf(well)]);
    each.add(() => provider.stop());
    const guarded = guardProvider(provider, createLogger('debug', logBook.stream));
    mute.fail('hang');
    const asked = Array.from({ length: 8 }, () =>
      rejects(guarded.get('mute'), 'bmc_unavailable', /mute does not answer in time/),
    );
    await Promise.all(asked);
    assert.equal((await guarded.get('rack1'))?.power, 'on');
  });

  it('that is silent about its drives is its own fault, and not that of all', async function () {
    this.timeout(60_000);
    const bmc = await each.start(RedfishSimulator.start());
    const provider = bmcProvider([hostOf(bmc)], { section: { timeout: 60 } });
    each.add(() => provider.stop());
    const { media } = guardProvider(provider, createLogger('debug', logBook.stream));
    assert.ok(media);
    bmc.fail('hang');
    await rejects(media.drives('rack1'), 'bmc_unavailable', /rack1 does not answer in time/);
  });

  it('lists those that answer, and says of another why it does not', async () => {
    const bmc = await each.start(RedfishSimulator.start());
    const dead = { ...hostOf(bmc), id: 'rack2', port: 1 };
    const provider = bmcProvider([hostOf(bmc), dead]);
    each.add(() => provider.stop());
    const [first, second] = await provider.list();
    assert.deepEqual([first?.power, first?.state], ['on', undefined]);
    assert.equal(second?.power, 'unknown');
    assert.match(second?.state ?? '', /^metal: rack2 cannot be reached \(ECONNREFUSED\)/);
    bmc.fail('server_error');
    await rejects(provider.list(), 'provider_unavailable', /^metal can ask no BMC/);
  });

  it('wants credentials of each host, and one trust', async () => {
    const { cert } = await makeCertificate();
    const host = { id: 'a', address: '10.0.0.1' };
    const section = { id: 'metal', type: 'bmc', hosts: [host] };
    const faultsIn = (more: object): string[] => {
      try {
        parseConfig({ providers: [{ ...section, ...more }] }, 'the test');
        return [];
      } catch (error) {
        assert.ok(error instanceof ConfigError);
        return error.faults.map(({ path }) => path);
      }
    };
    assert.deepEqual(faultsIn({}), [
      'providers.0.hosts.0.username',
      'providers.0.hosts.0.password',
    ]);
    assert.deepEqual(faultsIn({ username: 'u', password: 'p' }), []);
    const both = { ca: cert, fingerprint: new X509Certificate(cert).fingerprint256 };
    const known = { username: 'u', password: 'p' };
    assert.deepEqual(faultsIn({ ...known, ...both }), ['providers.0.fingerprint']);
    assert.deepEqual(faultsIn({ ...known, hosts: [{ ...host, ...both }] }), [
      'providers.0.hosts.0.fingerprint',
    ]);
    const url = { ...host, address: 'https://10.0.0.1' };
    assert.deepEqual(faultsIn({ ...known, hosts: [url] }), ['providers.0.hosts.0.address']);
    assert.deepEqual(faultsIn({ ...known, hosts: [host, host] }), ['providers.0.hosts.1.id']);
  });
});
