import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { before, describe, it } from 'mocha';
import type { StatusCode } from '../../../server/contract/index.ts';
import { OvirtSimulator } from '../../simulators/ovirt.ts';
import type { EngineVm, EngineVmOptions } from '../../simulators/ovirt/engine-vm.ts';
import { cleanUp } from '../../support/dispose.ts';
import { QemuPeer } from '../../support/qemu.ts';
import { downloadOf } from '../support/download.ts';
import { showsScreen, typesIntoGrub } from '../support/guest.ts';
import { ProviderPortal } from '../support/provider-portal.ts';
import { PHONE, Stage } from '../support/stage.ts';

/** Of an account that SASL wants to know at its start; tickets have accounts of their own. */
const sasl = { username: 'somebody', password: 'else entirely' };
const owner = { owner: 'alice' };

describe('machines of oVirt in a browser', function () {
  this.slow(8000);
  // Each wait has its own limit; this one is for all of them together.
  this.timeout(120_000);
  const suite = cleanUp();
  const each = cleanUp('each');
  let engine: OvirtSimulator;
  let peers: Record<'plain' | 'x509' | 'fips' | 'six', QemuPeer>;
  let stage: Stage;
  const vms = new Map<string, EngineVm>();

  before(async () => {
    const start = suite.start.bind(suite);
    const [plain, x509, fips, six] = await Promise.all([
      start(QemuPeer.start({ boot: 'grub' })),
      start(QemuPeer.start({ boot: 'grub', security: 'x509' })),
      start(QemuPeer.start({ boot: 'grub', security: 'x509-sasl', sasl })),
      start(QemuPeer.start({ host: '::1' })),
    ]);
    peers = { plain, x509, fips, six };
    const cas = await Promise.all([x509, fips].map(({ caFile }) => readFile(caFile, 'utf8')));
    engine = await start(OvirtSimulator.start({ numbers: 'strings', hostCa: cas.join('') }));
    const machines: EngineVmOptions[] = [
      { name: 'plain', peer: plain },
      { name: 'x509', peer: x509 },
      { name: 'fips', peer: fips, fips: true },
      { name: 'six', peer: six },
      { name: 'sleeper', peer: plain, status: 'down' },
      { name: 'watched', peer: plain, status: 'down' },
      { name: 'held', peer: plain },
      { name: 'spiced', protocols: ['spice'] },
      { name: 'changed', peer: plain },
      { name: 'gone', peer: plain },
      { name: 'lost', peer: plain, address: 'node9.invalid' },
    ];
    for (const options of machines) {
      vms.set(options.name, engine.add({ ...options, properties: owner }));
    }
    const { url, ca, username, password } = engine;
    const section = { type: 'ovirt', url, ca, username, password, owner: { label: 'owner' } };
    stage = await Stage.start(suite, {
      machines: [],
      config: {
        providers: [
          { ...section, id: 'ov' },
          { ...section, id: 'direct', vncSecurity: 'plain' },
          { ...section, id: 'wrong', hostCa: cas[1] },
        ],
        policy: [{ machines: ['direct:*'], deny: ['power'] }],
      },
    });
  });

  function vm(name: string): EngineVm {
    const found = vms.get(name);
    assert.ok(found);
    return found;
  }
  const idOf = (name: string, provider = 'ov') => `${provider}:${vm(name).id}`;

  async function opens(machine: string): Promise<ReturnType<ProviderPortal['opens']>> {
    const portal = await ProviderPortal.enter(stage, each, 'alice');
    return portal.opens(machine);
  }

  for (const [name, security] of [
    ['plain', 'a password'],
    ['x509', 'TLS with a certificate of its own'],
    ['fips', 'SASL in TLS, as hosts in FIPS mode do'],
  ] as const) {
    it(`are seen behind ${security}, and take what is typed`, async () => {
      const console = await opens(idOf(name));
      await typesIntoGrub(console, peers[name]);
      console.assertClean();
    });
  }

  for (const provider of ['ov', 'direct']) {
    const way = provider === 'ov' ? 'through the bridge' : 'by guacd itself';
    it(`are seen at an IPv6 address, ${way}`, async () => {
      const console = await opens(idOf('six', provider));
      await showsScreen(console, () => peers.six.screenshot());
      console.assertClean();
    });
  }

  it('that are down are named so, and come up by one click', async () => {
    vm('sleeper').wakes = 6;
    const console = await stage.open(each, { machine: idOf('sleeper') }, PHONE);
    await console.faulted('machine_not_running');
    await console.says(/The machine is not running/);
    await console.says(/ov: VM sleeper is down/);
    await console.click('switch-on');
    await console.says(/The machine is starting/);
    await console.reaches('connected', 20_000);
    await showsScreen(console, () => peers.plain.screenshot());
    assert.equal(vm('sleeper').status, 'up');
    console.assertOnlyRefusals(409);
  });

  it('that are down are not switched by whom the policy does not let', async () => {
    const console = await stage.open(each, { machine: idOf('watched', 'direct') });
    await console.says(/direct: VM watched is down/);
    assert.equal(await console.page.$('[data-testid=switch-on]'), null);
    const looking = await stage.open(each, { machine: idOf('watched'), readOnly: true });
    await looking.says(/ov: VM watched is down/);
    assert.equal(await looking.page.$('[data-testid=switch-on]'), null);
    // Whoever switches it on elsewhere need not open it anew.
    vm('watched').status = 'up';
    await console.click('reconnect-now');
    await console.reaches('connected');
  });

  it('whose screen another user holds are opened once they are free', async () => {
    vm('held').held = true;
    const console = await stage.open(each, { machine: idOf('held') });
    await console.faulted('console_held');
    await console.says(/Another user of the hypervisor holds this console/);
    vm('held').held = false;
    await console.click('reconnect-now');
    await console.reaches('connected');
    console.assertOnlyRefusals(409);
  });

  it('with SPICE alone are said to be so, with a file for what can show them', async () => {
    const portal = await ProviderPortal.enter(stage, each, 'alice');
    const row = await portal.finds(idOf('spiced'));
    assert.match(await portal.words(row), /SPICE: in a native client alone/);
    assert.equal(await portal.tab.page.$(`${row} [data-kind]`), null);
    const { page } = portal.tab;
    const { name, text } = await downloadOf(page, `${row} [data-testid=console-file]`);
    assert.equal(name, 'spiced.vv');
    assert.match(text, /^\[virt-viewer\]\ntype=spice\n/);
    assert.ok(text.includes(`password=${vm('spiced').tickets.at(-1)?.value}`));
    assert.ok(!text.includes('sso-token'));
  });

  it('that had a screen in the list and have SPICE now say so', async () => {
    const opened = await stage.gateway.open({ machine: idOf('changed') });
    vm('changed').protocols = ['spice'];
    const console = await stage.enter(each, opened);
    await console.faulted('console_kind_unavailable');
    await console.says(/a file for a native client/);
  });

  /** The console's page of somebody who is no administrator, whom nothing inside is told. */
  async function refusedConsole(machine: string, code: StatusCode) {
    const console = await stage.open(each, { machine, user: 'alice' });
    const sentence = await console.faulted(code);
    const words = await console.words();
    for (const inside of [engine.password, engine.username, new URL(engine.url).host]) {
      assert.ok(!words.includes(inside), words);
    }
    assert.match(words, new RegExp(sentence.slice(0, 20)));
    return console;
  }

  it('with a wrong certificate of their host are not shown, and say why', async () => {
    const console = await refusedConsole(idOf('x509', 'wrong'), 'target_certificate_refused');
    await console.says(/certificate is not the one that is expected/);
  });

  it('on a host whose name leads nowhere say that it cannot be reached', async () => {
    const console = await refusedConsole(idOf('lost'), 'target_unreachable');
    await console.says(/cannot be reached/);
    await console.says(/Trying again in/);
  });

  it('that were deleted after the list was shown are said to be gone', async () => {
    const portal = await ProviderPortal.enter(stage, each, 'alice');
    const row = await portal.finds(idOf('gone'));
    const opened = await stage.gateway.open({ machine: idOf('gone') });
    engine.vms.splice(engine.vms.indexOf(vm('gone')), 1);
    await portal.tab.page.click(`${row} [data-kind=vnc]`);
    await portal.tab.page.waitForSelector(`${row} [data-testid=fault]`);
    assert.match(await portal.words(row), /no such machine/);
    const console = await stage.enter(each, opened);
    await console.faulted('machine_not_found');
  });

  it('of an engine that does not answer are still listed, and open when it does', async () => {
    const opened = await stage.gateway.open({ machine: idOf('plain') });
    engine.faults.fail('server_error', 20);
    const console = await stage.enter(each, opened);
    await console.faulted('provider_unavailable');
    await console.says(/The system that runs the machine does not answer/);
    engine.faults.mend();
    await console.reaches('connected', 20_000);
    console.assertOnlyNetworkErrors();
  });

  it('of an engine that refuses the gateway say so, and whose concern that is', async () => {
    const opened = await stage.gateway.open({ machine: idOf('plain') });
    engine.expireTokens();
    const { password } = engine;
    engine.password = 'another since';
    const console = await stage.enter(each, opened);
    await console.faulted('provider_refused');
    await console.says(/refuses this gateway. Its administrator has to look/);
    assert.ok(!(await console.words()).includes(password));
  });
});
