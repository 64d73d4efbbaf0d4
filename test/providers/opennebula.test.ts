import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { before, beforeEach, describe, it } from 'mocha';
import type { ConsoleKind } from '../../server/contract/index.ts';
import { OpenNebulaProvider } from '../../server/providers/opennebula/index.ts';
import { readXml } from '../../server/providers/opennebula/read-xml.ts';
import { openNebulaConfig } from '../../server/providers/opennebula/schema.ts';
import { type SimulatedVm, OpenNebulaSimulator } from '../simulators/opennebula.ts';
import { makeCertificate } from '../support/certificate.ts';
import { cleanUp } from '../support/dispose.ts';
import { logBook } from '../support/log-book.ts';
import { providerContext } from './support/context.ts';

const PASSWORD = logBook.secret('vnc-pass-is-cut');
const GUEST = logBook.secret('ünï<&>"code');

const web = (): SimulatedVm => ({
  id: 7,
  name: 'Büro & <web> 網',
  uname: 'alice',
  numbers: [3, 3],
  hosts: ['kvm1', 'kvm2'],
  graphics: { TYPE: 'vnc', LISTEN: '0.0.0.0', PORT: '5907', PASSWD: PASSWORD },
  nics: [
    { IP: '10.0.0.7' },
    { IP: '10.0.1.7', SSH: 'YES', RDP: 'yes', RDP_SERVER_LAYOUT: 'de-de-qwertz' },
  ],
  context: { USERNAME: 'root', PASSWORD: GUEST, SSH_PORT: '2222' },
  attributes: { LABELS: 'shop, eu', CUSTOMER: 'bob' },
});

describe('the OpenNebula provider', () => {
  const each = cleanUp('each');
  let tls: { key: string; cert: string };
  let one: OpenNebulaSimulator;

  before(async () => {
    tls = await makeCertificate();
  });
  beforeEach(async () => {
    one = each.add(await OpenNebulaSimulator.start());
    one.vms.push(web());
  });
  function provider(config: object = {}, of = one) {
    const tree = { id: 'one', type: 'opennebula', url: of.url, session: of.session, timeout: 1 };
    return each.add(
      new OpenNebulaProvider(openNebulaConfig.parse({ ...tree, ...config }), providerContext()),
    );
  }
  const resolve = (kind: ConsoleKind = 'vnc', config: object = {}, machineId = '7') =>
    provider(config).resolve({
      ...{ machineId, kind, signal: AbortSignal.timeout(5000) },
      ...{ onStep: () => undefined, onFault: () => undefined },
    });

  it('lists VMs with names in any script, labels, addresses and what can be done', async () => {
    const [machine] = await provider({ owner: { label: 'user' }, location: 'nl' }).list();
    assert.deepEqual(machine, {
      ...{ id: '7', name: 'Büro & <web> 網', type: 'vm', location: 'nl', power: 'on' },
      consoles: ['vnc', 'rdp', 'ssh'],
      powerActions: ['off', 'shutdown', 'reset', 'reboot', 'suspend'],
      ...{ owner: 'alice', labels: ['shop', 'eu'], addresses: ['10.0.0.7', '10.0.1.7'] },
    });
  });

  it('knows whose a VM is by its user, an attribute, a label, or not at all', async () => {
    const owner = async (rule?: object) => (await provider({ owner: rule }).get('7'))?.owner;
    assert.equal(await owner(), null);
    assert.equal(await owner({ label: 'user' }), 'alice');
    assert.equal(
      await owner({ label: 'user', names: { alice: 'a@example.org' } }),
      'a@example.org',
    );
    assert.equal(await owner({ label: 'CUSTOMER' }), 'bob');
    assert.equal(await owner({ label: 'NOT_THERE' }), null);
    assert.equal(await owner({ label: 's*p' }), 'ho');
    assert.ok(!JSON.stringify(await provider().get('7')).includes('bob'));
  });

  it('lets no label pass for the VM’s user or an attribute', async () => {
    one.vms.push({ ...web(), id: 8, attributes: { LABELS: 'user=mallory,CUSTOMER=mallory' } });
    const owner = async (label: string) => (await provider({ owner: { label } }).get('8'))?.owner;
    assert.deepEqual([await owner('user'), await owner('CUSTOMER')], ['alice', null]);
  });

  it('knows the user and the labels in a short list too, and asks for no attribute there', async () => {
    const owner = async (label: string) => {
      const [machine] = await provider({ list: 'short', owner: { label } }).list();
      return machine?.owner;
    };
    assert.deepEqual([await owner('user'), await owner('s*p')], ['alice', 'ho']);
    await assert.rejects(owner('CUSTOMER'), /the short list has none of them/);
  });

  it('reads thousands of VMs in pages, each of them once', async () => {
    for (let id = 100; id < 1100; id += 1) one.vms.push({ ...web(), id, name: String(id) });
    const machines = await provider({ list: 'short', timeout: 10 }).list();
    assert.equal(machines.length, 1001);
    assert.equal(new Set(machines.map(({ id }) => id)).size, 1001);
    assert.equal(machines.find(({ id }) => id === '100')?.name, '100');
    assert.equal(one.calls.length, 6);
    assert.ok(one.calls.every((call) => call.startsWith('one.vmpool.info -2 ')));
  });

  it('is led to the host on which the VM is now, and cuts its password as VNC does', async () => {
    const { host, port, parameters } = await resolve();
    assert.deepEqual([host, port, parameters], ['kvm2', 5907, { password: PASSWORD.slice(0, 8) }]);
    assert.equal((await resolve('vnc', { hosts: { kvm2: '192.0.2.2' } })).host, '192.0.2.2');
  });

  it('offers SSH and RDP where a NIC says so, with what the context says', async () => {
    const ssh = await resolve('ssh');
    assert.deepEqual([ssh.host, ssh.port], ['10.0.1.7', 2222]);
    assert.deepEqual(ssh.parameters, { username: 'root', password: GUEST });
    const rdp = await resolve('rdp');
    assert.deepEqual([rdp.host, rdp.port], ['10.0.1.7', 3389]);
    assert.deepEqual(rdp.parameters, {
      ...{ username: 'root', password: GUEST, security: 'nla', 'ignore-cert': 'true' },
      ...{ 'server-layout': 'de-de-qwertz', 'resize-method': 'display-update' },
    });
  });

  it('says what there is in the place of a screen', async () => {
    const [vm] = one.vms;
    assert.ok(vm);
    vm.graphics = { TYPE: 'SPICE', PORT: '5907' };
    assert.equal((await provider().get('7'))?.onlySpice, true);
    await assert.rejects(resolve(), {
      status: 'console_kind_unavailable',
      message: 'one: VM Büro & <web> 網 can show no vnc console: its graphics are SPICE',
    });
    await assert.rejects(resolve('telnet'), { status: 'console_kind_unavailable' });
    vm.graphics = { TYPE: 'VNC', PORT: '99999' };
    await assert.rejects(resolve(), { status: 'console_kind_unavailable' });
  });

  it('says in which state a VM is that shows nothing now', async () => {
    const [vm] = one.vms;
    assert.ok(vm);
    for (const [numbers, word, power, actions] of [
      [[8, 0], 'POWEROFF', 'off', ['on']],
      [[5, 0], 'SUSPENDED', 'paused', ['on']],
      [[1, 0], 'PENDING', 'off', []],
      [[3, 1], 'ACTIVE (LCM state 1)', 'changing', []],
    ] as const) {
      vm.numbers = [...numbers];
      const machine = await provider().get('7');
      const state: string = `VM ${vm.name} is ${word}`;
      assert.deepEqual([machine?.state, machine?.power], [state, power]);
      assert.deepEqual(machine?.powerActions, actions);
      await assert.rejects(resolve(), { status: 'machine_not_running', message: `one: ${state}` });
    }
    vm.numbers = [3, 4];
    assert.equal((await resolve()).port, 5907);
    vm.numbers = [6, 0];
    assert.equal(await provider().get('7'), undefined);
  });

  it('switches a VM by the words of oned, and not against its state', async () => {
    const nebula = provider();
    for (const action of ['reboot', 'reset', 'suspend', 'on', 'shutdown', 'on', 'off'] as const) {
      await nebula.power('7', action);
    }
    assert.deepEqual(
      one.calls.filter((call) => call.startsWith('one.vm.action')),
      ['reboot', 'reboot-hard', 'suspend', 'resume', 'poweroff', 'resume', 'poweroff-hard'].map(
        (word) => `one.vm.action ${word} 7`,
      ),
    );
    await assert.rejects(nebula.power('7', 'reboot'), { status: 'power_unavailable' });
    await assert.rejects(nebula.power('7', 'nmi'), { status: 'power_unavailable' });
    await assert.rejects(nebula.power('8', 'on'), { status: 'machine_not_found' });
  });

  it('says that a VM is locked, which is no failure of the cloud', async () => {
    one.vms[0] = { ...web(), locked: true };
    const message = 'one: the VM is locked (onevm unlock)';
    await assert.rejects(provider().power('7', 'off'), { status: 'power_unavailable', message });
  });

  it('knows no VM that is not there, whatever is asked for', async () => {
    for (const id of ['8', '-1', '007', '7 ', '7<', '../7', '', '9'.repeat(40), '1e3']) {
      assert.equal(await provider().get(id), undefined, id);
    }
    assert.deepEqual(one.calls, ['one.vm.info 8 true']);
  });

  it('says what is wrong with the account', async () => {
    const session = `oneadmin:${logBook.secret('not-the-token')}`;
    await assert.rejects(provider({ session }).list(), {
      status: 'provider_refused',
      message: 'one does not know the account: see `session`',
    });
  });

  for (const [fault, message] of [
    ['half', /cannot be reached/],
    ['cut', /is not its XML/],
    ['html', /answers a web page/],
    ['nonsense', /is not its XML/],
    ['server_error', /HTTP 500/],
    ['too_many', /HTTP 429/],
    ['bomb', /is not its XML/],
    ['external', /is not its XML/],
    ['hang', /does not answer in time/],
  ] as const) {
    it(`says so when oned's answer is: ${fault}`, async () => {
      one.faults.fail(fault, 2);
      const began = performance.now();
      await assert.rejects(provider().list(), { status: 'provider_unavailable', message });
      await assert.rejects(provider().get('7'), { status: 'provider_unavailable', message });
      assert.ok(performance.now() - began < 4000);
      assert.equal((await provider().list()).length, 1);
    });
  }

  it('waits for an answer that is late, and has none of a VM that is not there', async () => {
    one.faults.fail('slow');
    assert.equal((await provider().list()).length, 1);
    one.faults.slowness = 1500;
    one.faults.fail('slow');
    await assert.rejects(provider().list(), { message: 'one does not answer in time' });
    one.vms.length = 0;
    assert.deepEqual(await provider().list(), []);
  });

  it('makes no call to whoever shows another certificate all of a sudden', async () => {
    const secure = each.add(await OpenNebulaSimulator.start(tls));
    const nebula = provider({ ca: tls.cert }, secure);
    assert.deepEqual(await nebula.list(), []);
    await secure.remote.forgeCertificate();
    // What was open is found closed first.
    await assert.rejects(nebula.list());
    await assert.rejects(nebula.list(), { message: /^one cannot be reached \(.*SELF/ });
    assert.equal(secure.calls.length, 1);
    secure.remote.restoreCertificate();
    assert.deepEqual(await nebula.list(), []);
  });

  it('leaves out one VM that cannot be read, and no other', async () => {
    one.vms.push({ ...web(), id: 8, numbers: [NaN, 3] });
    assert.deepEqual(
      (await provider().list()).map(({ id }) => id),
      ['7'],
    );
  });

  it('says that `url` leads elsewhere', async () => {
    const url = one.url.replace('RPC2', 'RPC3');
    await assert.rejects(provider({ url }).list(), { message: 'one answers HTTP 404' });
    const nowhere = provider({ url: 'http://127.0.0.1:1/RPC2' });
    await assert.rejects(nowhere.list(), { message: 'one cannot be reached (ECONNREFUSED)' });
  });

  it('trusts a CA or a fingerprint that is named, and nothing else', async () => {
    const secure = each.add(await OpenNebulaSimulator.start(tls));
    const { fingerprint256: fingerprint } = new X509Certificate(tls.cert);
    assert.deepEqual(await provider({ ca: tls.cert }, secure).list(), []);
    assert.deepEqual(await provider({ fingerprint }, secure).list(), []);
    await assert.rejects(provider({}, secure).list(), { status: 'provider_unavailable' });
    const other = 'ab'.repeat(32);
    await assert.rejects(provider({ fingerprint: other }, secure).list(), {
      message: /another certificate/,
    });
  });

  it('stops when nobody waits any more', async () => {
    one.faults.fail('hang');
    const abort = new AbortController();
    const listing = provider({ timeout: 60 }).list(abort.signal);
    abort.abort();
    await assert.rejects(listing, { status: 'provider_unavailable' });
  });
});

describe('an XML document', () => {
  it('has texts as they are, and of entities XML’s own and characters by number', () => {
    assert.deepEqual(readXml('<a><b>007</b><c> &lt;&amp; </c><d><![CDATA[&lt;]]></d></a>'), {
      a: { b: '007', c: ' <& ', d: '&lt;' },
    });
  });

  it('is refused with a document type, wherever that hides, cut off, or very deep', () => {
    for (const text of [
      '<!DOCTYPE a><a/>',
      '<!-- <![CDATA[ --><!doctype a [<!ENTITY b "c">]><a>&b;</a><!-- ]]> -->',
      '<a/><!ENTITY b "c">',
      '<a><b></a>',
      '<a>',
      'text',
      '',
      '<x>'.repeat(100) + '</x>'.repeat(100),
    ]) {
      assert.throws(() => readXml(text), Error, text.slice(0, 60));
    }
    assert.deepEqual(readXml('<a><![CDATA[<!DOCTYPE a>]]></a>'), { a: '<!DOCTYPE a>' });
  });

  it('is read in a time that grows with its length alone, whatever is in it', () => {
    const bytes = 8_000_000;
    for (const piece of ['<!--', '<![CDATA[', '<!', '<!---->', '<!-- <![CDATA[ ', '<!DOCTYP']) {
      const text = `<a>${piece.repeat(bytes / piece.length)}`;
      const began = process.cpuUsage();
      assert.throws(() => readXml(text), Error, piece);
      const { user, system } = process.cpuUsage(began);
      assert.ok((user + system) / 1000 < 2000, `${piece}: ${(user + system) / 1000} ms`);
    }
  });
});
