import assert from 'node:assert/strict';
import { parseConfig } from '../../server/config.ts';
import { OvirtProvider } from '../../server/providers/ovirt/index.ts';
import { withoutEngineToken } from '../../server/providers/ovirt/viewer-file.ts';
import { type EngineFault, type OvirtOptions, OvirtSimulator } from '../simulators/ovirt.ts';
import { until } from '../support/until.ts';
import { cleanUp } from '../support/dispose.ts';
import { providerContext } from './support/context.ts';

describe('the provider for oVirt', () => {
  const each = cleanUp('each');
  let now = 0;

  async function start(options: OvirtOptions = {}, section: object = {}) {
    const engine = await each.start(OvirtSimulator.start(options));
    return { engine, provider: providerOf(engine, section) };
  }

  function providerOf(engine: OvirtSimulator, section: object = {}): OvirtProvider {
    const { url, username, password, ca } = engine;
    const all = { id: 'ov', type: 'ovirt', url, username, password, ca, ...section };
    const [config] = parseConfig({ providers: [all] }, 'the test').providers;
    assert.ok(config?.type === 'ovirt');
    const provider = new OvirtProvider(config, providerContext({ now: () => now }));
    each.add(() => provider.stop());
    return provider;
  }

  const rejects = (promise: Promise<unknown>, status: string, words?: RegExp): Promise<void> =>
    assert.rejects(promise, (error: { status?: string; message: string }) => {
      assert.equal(error.status, status, error.message);
      if (words) assert.match(error.message, words);
      return true;
    });

  for (const numbers of ['json', 'strings'] as const) {
    it(`lists machines with numbers written as ${numbers}`, async () => {
      const { engine, provider } = await start({ numbers }, { owner: { label: 'owner' } });
      const web = engine.add({
        name: 'web1',
        tags: ['rackside'],
        properties: { owner: 'alice' },
      });
      engine.add({ name: 'кухня', status: 'down' });
      engine.add({ name: 'spiced', protocols: ['spice'] });
      const [first, second, third] = await provider.list();
      assert.deepEqual(
        [first, second, third].map((vm) => [vm?.name, vm?.power, vm?.consoles, vm?.state]),
        [
          ['spiced', 'on', [], undefined],
          ['web1', 'on', ['vnc'], undefined],
          ['кухня', 'off', ['vnc'], 'VM кухня is down'],
        ],
      );
      assert.equal(second?.id, web.id);
      assert.deepEqual([second?.owner, third?.owner], ['alice', null]);
      assert.deepEqual(second?.labels, ['rackside', 'owner=alice']);
      assert.deepEqual(third?.powerActions, ['on']);
      assert.equal((await provider.get(web.id))?.name, 'web1');
    });
  }

  it('lists thousands, page by page, and an engine without machines', async () => {
    const { engine, provider } = await start();
    assert.deepEqual(await provider.list(), []);
    for (let n = 0; n < 1000; n += 1) engine.add({ name: `vm${n}` });
    const ids = (await provider.list()).map(({ id }) => id);
    assert.equal(new Set(ids).size, 1000);
    assert.ok(engine.calls.filter((call) => call === 'GET /vms').length <= 7);
  });

  it('lists what the search finds, and for a plain user what is theirs', async () => {
    const { engine, provider } = await start({}, { search: 'name=web*' });
    engine.add({ name: 'web1' });
    engine.add({ name: 'db1' });
    assert.deepEqual(
      (await provider.list()).map(({ name }) => name),
      ['web1'],
    );
    const user = await start({ userLevel: true }, { userLevel: true });
    user.engine.add({ name: 'mine' });
    assert.equal((await user.provider.list()).length, 1);
    await rejects(providerOf(user.engine).list(), 'provider_refused', /not allowed/);
  });

  it('signs in once for all that wait, and once more when its token is over', async () => {
    const { engine, provider } = await start();
    const { id } = engine.add({ name: 'web1' });
    const signIns = () => engine.calls.filter((call) => call.endsWith('/oauth/token')).length;
    await Promise.all([provider.list(), provider.get(id), provider.get(id)]);
    assert.equal(signIns(), 1);
    engine.expireTokens();
    await Promise.all([provider.get(id), provider.list(), provider.power(id, 'reboot')]);
    assert.equal(signIns(), 2);
    assert.equal(engine.vms[0]?.status, 'reboot_in_progress');
    await provider.stop();
    assert.equal(engine.sessions, 0);
  });

  it('does not knock again at once with a password that was refused', async () => {
    const { engine } = await start();
    const provider = providerOf(engine, { password: 'not the password' });
    await rejects(provider.list(), 'provider_refused', /^ov refuses the configured username/);
    await rejects(provider.list(), 'provider_refused');
    assert.equal(engine.calls.length, 1);
    now += 61_000;
    await rejects(provider.list(), 'provider_refused');
    assert.equal(engine.calls.length, 2);
  });

  const faults: Partial<Record<EngineFault, RegExp>> = {
    half: /cannot be reached/,
    html: /a web page/,
    nonsense: /otherwise than it should/,
    server_error: /HTTP 500|sign in/,
    too_many: /HTTP 429|sign in/,
    forbidden: /not allowed|otherwise|something else/,
  };
  for (const [fault, words] of Object.entries(faults) as [EngineFault, RegExp][]) {
    it(`says what is wrong with an engine that answers with: ${fault}`, async () => {
      const { engine, provider } = await start();
      const { id } = engine.add({ name: 'web1' });
      const row = (error: { status?: string; message: string }) => {
        assert.match(error.status ?? '', /^provider_(unavailable|refused)$/);
        assert.match(error.message, words);
        return true;
      };
      engine.faults.fail(fault);
      await assert.rejects(provider.list(), row);
      await provider.list();
      engine.faults.fail(fault, 3);
      await assert.rejects(provider.list(), row);
      await assert.rejects(provider.get(id), row);
      await assert.rejects(provider.power(id, 'off'), row);
      assert.equal((await provider.list()).length, 1);
    });
  }

  it('does not wait for ever for an engine that hangs', async () => {
    const { engine, provider } = await start({}, { timeout: 0.5 });
    engine.faults.fail('hang', 3);
    await rejects(provider.list(), 'provider_unavailable', /^ov does not answer in time$/);
  });

  it('trusts the certificate that is configured, and no other', async () => {
    const { engine } = await start();
    const other = await each.start(OvirtSimulator.start());
    await rejects(providerOf(engine, { ca: other.ca }).list(), 'provider_unavailable', /CERT|SELF/);
    const wrong = { ca: undefined, fingerprint: 'ab'.repeat(32) };
    await rejects(
      providerOf(engine, wrong).list(),
      'provider_unavailable',
      /another certificate than is configured/,
    );
    assert.deepEqual(engine.calls, []);
  });

  it('waits for an answer that is late', async () => {
    const { engine, provider } = await start();
    engine.add({ name: 'web1' });
    engine.faults.fail('slow', 2);
    assert.equal((await provider.list()).length, 1);
  });

  it('makes no call, and tells no password, to whoever shows another certificate', async () => {
    const { engine, provider } = await start();
    assert.deepEqual(await provider.list(), []);
    const { length } = engine.calls;
    await engine.remote.forgeCertificate();
    // What was open is found closed first.
    await assert.rejects(provider.list());
    await rejects(provider.list(), 'provider_unavailable', /^ov cannot be reached \(.*SELF/);
    assert.equal(engine.calls.length, length);
    engine.remote.restoreCertificate();
    assert.deepEqual(await provider.list(), []);
  });

  it('gives up when nobody waits any more', async () => {
    const { engine, provider } = await start({}, { timeout: 60 });
    await provider.list();
    engine.faults.fail('hang');
    const abort = new AbortController();
    const before = engine.calls.length;
    const list = provider.list(abort.signal);
    await until(() => engine.calls.length > before, { timeout: 5000, what: 'the call' });
    abort.abort();
    await assert.rejects(list);
  });

  it('switches machines by what their state allows', async () => {
    const { engine, provider } = await start();
    const vm = engine.add({ name: 'web1' });
    const told = async (action: Parameters<OvirtProvider['power']>[1], becomes: string) => {
      await provider.power(vm.id, action);
      assert.equal(vm.status, becomes);
    };
    await told('suspend', 'suspended');
    await told('on', 'up');
    await told('reset', 'up');
    await told('off', 'down');
    await rejects(provider.power(vm.id, 'shutdown'), 'power_unavailable', /VM is down/);
    await told('on', 'up');
    await told('shutdown', 'powering_down');
    await rejects(provider.power(vm.id, 'nmi'), 'power_unavailable');
    await rejects(provider.power('../vms', 'on'), 'machine_not_found');
  });

  it('gives the file for a native client, without the token of its own account', async () => {
    const { engine, provider } = await start();
    const vm = engine.add({ name: 'Büro 1', protocols: ['spice', 'vnc'] });
    const file = await provider.file(vm.id);
    assert.equal(file.name, 'Büro 1.vv');
    assert.equal(file.contentType, 'application/x-virt-viewer');
    assert.match(file.text, /^\[virt-viewer\]\ntype=spice\n/);
    assert.ok(file.text.includes(`password=${vm.tickets.at(-1)?.value}`));
    assert.doesNotMatch(file.text, /ovirt|sso-token|vm-guid/);
  });

  it('says why there is no file', async () => {
    const { engine, provider } = await start();
    const vm = engine.add({ name: 'web1' });
    vm.held = true;
    await rejects(provider.file(vm.id), 'console_held', /another user/);
    vm.held = false;
    vm.status = 'down';
    await rejects(provider.file(vm.id), 'machine_not_running', /^ov: VM web1 is down$/);
    engine.vms.length = 0;
    await rejects(provider.file(vm.id), 'machine_not_found');
    const off = providerOf(engine, { consoleFile: false });
    await rejects(off.file(vm.id), 'console_kind_unavailable', /consoleFile/);
  });

  it('finds the token of the engine however the file is written', () => {
    const file = '[ovirt]\r\nsso-token=a\r\n[virt-viewer]\r\ntype=vnc\r\n[OVIRT]\nsso-token=b\n';
    assert.equal(withoutEngineToken(file), '[virt-viewer]\ntype=vnc\n');
    assert.equal(withoutEngineToken('sso-token=a\n'), '\n');
    for (const lines of [
      ['sso-token=a', 'jwt-token=a', 'Sso-Token = a', '# sso-token=a', 'a', 'title[de]=a'],
      ['[ovirt;x', 'password=a'],
      ['[virt-viewer] x', 'password=a'],
      [' [ovirt]', 'title=a'],
    ]) {
      for (const end of ['\n', '\r\n', '\r']) {
        const text = ['[virt-viewer]', 'type=vnc', ...lines].join(end);
        assert.equal(withoutEngineToken(text), '[virt-viewer]\ntype=vnc\n', lines.join(' '));
      }
    }
  });

  it('gives no file in which the token is left for all that', async () => {
    const { engine, provider } = await start();
    const vm = engine.add({ name: 'web1' });
    vm.alsoInFile = (token) => [`sso-token=${token}`];
    assert.doesNotMatch((await provider.file(vm.id)).text, /token/);
    vm.alsoInFile = (token) => [`proxy=http://u:${token}@proxy.example`];
    await rejects(provider.file(vm.id), 'provider_unavailable', /^ov writes the token of the/);
  });

  it('takes the search of its documentation, and says so where the engine does not', async () => {
    const search = 'cluster=customers and tag=rackside';
    const { engine, provider } = await start({}, { search });
    engine.add({ name: 'web1', cluster: 'customers', tags: ['rackside'] });
    engine.add({ name: 'web2', cluster: 'customers' });
    engine.add({ name: 'web3', tags: ['rackside'] });
    assert.deepEqual(
      (await provider.list()).map(({ name }) => name),
      ['web1'],
    );
    const wrong = providerOf(engine, { search: 'clustr is customers' });
    await rejects(
      wrong.list(),
      'provider_unavailable',
      /^ov does not understand `search`: The sea/,
    );
  });

  it('says that a proxy refuses it, and not that somebody holds a console', async () => {
    const { engine, provider } = await start();
    const { id } = engine.add({ name: 'web1' });
    await provider.list();
    for (const call of [
      () => provider.list(),
      () => provider.get(id),
      () => provider.file(id),
      () => provider.power(id, 'off'),
    ]) {
      engine.faults.fail('proxy_forbids');
      await rejects(call(), 'provider_unavailable', /a web page \(HTTP 403\), as a proxy does/);
      engine.faults.fail('proxy_knows_not');
      await rejects(call(), 'provider_unavailable', /a web page \(HTTP 404\), as a proxy does/);
      engine.faults.mend();
    }
    engine.faults.fail('empty_forbids');
    await rejects(provider.list(), 'provider_refused', /or a proxy before it, is not allowed/);
    engine.faults.fail('empty_knows_not');
    await rejects(provider.list(), 'provider_unavailable', /no list of VMs \(HTTP 404\): is `url`/);
    engine.faults.fail('empty_knows_not');
    assert.equal(await provider.get(id), undefined);
  });

  describe('in the configuration', () => {
    const least = { id: 'ov', type: 'ovirt', username: 'admin@internal', password: 'x' };
    const urlOf = (url: string) => {
      const [section] = parseConfig({ providers: [{ ...least, url }] }, 'file').providers;
      assert.ok(section?.type === 'ovirt');
      return section.url.href;
    };

    it('takes the engine by whatever address people copy', () => {
      const expected = 'https://engine.example/ovirt-engine';
      for (const path of [
        '',
        '/',
        '/ovirt-engine',
        '/ovirt-engine/api',
        '/ovirt-engine/webadmin/',
      ]) {
        assert.equal(urlOf(`https://engine.example${path}`), expected);
      }
      assert.equal(urlOf('https://[fd00::1]:8443/x'), 'https://[fd00::1]:8443/x/ovirt-engine');
    });

    const refused: [string, object, RegExp][] = [
      ['a URL without TLS', { url: 'http://engine.example' }, /url: expected an https/],
      ['a user without a profile', { username: 'admin' }, /username: expected user@profile/],
      ['two trusts', { ca: '', fingerprint: 'ab'.repeat(32) }, /ca/],
      ['a search that pages', { search: 'a page 2' }, /search: expected conditions alone/],
      ['a search for a plain user', { search: 'a', userLevel: true }, /search: /],
      ['an unknown key', { insecure: true }, /insecure/],
    ];
    for (const [name, change, words] of refused) {
      it(`refuses ${name}`, () => {
        const section = { ...least, url: 'https://engine.example', ...change };
        assert.throws(() => parseConfig({ providers: [section] }, 'file'), words);
      });
    }
  });
});
