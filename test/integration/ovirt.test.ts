import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { type AddressInfo, connect, createServer } from 'node:net';
import { before, describe, it } from 'mocha';
import {
  type MachineView,
  type Problem,
  type StatusCode,
  consoleFile,
} from '../../server/contract/index.ts';
import { OvirtSimulator } from '../simulators/ovirt.ts';
import type { EngineVm, EngineVmOptions } from '../simulators/ovirt/engine-vm.ts';
import { cleanUp } from '../support/dispose.ts';
import { API_TOKENS, TestGateway, testConfig } from '../support/gateway.ts';
import { startGuacd } from '../support/guacd.ts';
import { QemuPeer } from '../support/qemu.ts';
import { startRedis } from '../support/redis.ts';
import { auditOf } from './support/audit.ts';
import { assertTypesIntoGrub } from './support/grub.ts';
import { problemOf } from './support/problem.ts';
import { configToken } from './support/staff.ts';

const boss = configToken('boss', 'admin');
const as = API_TOKENS.portal;
/** Of an account that SASL wants to know at its start; tickets have accounts of their own. */
const sasl = { username: 'somebody', password: 'else entirely' };

describe('a console of a machine in oVirt', () => {
  const suite = cleanUp();
  const each = cleanUp('each');
  let gateway: TestGateway;
  let engine: OvirtSimulator;
  let plain: QemuPeer;
  let x509: QemuPeer;
  let fips: QemuPeer;

  before(async function () {
    this.timeout(40_000);
    const start = suite.start.bind(suite);
    const [redis, guacd] = await Promise.all([start(startRedis()), start(startGuacd())]);
    [plain, x509, fips] = await Promise.all([
      start(QemuPeer.start({ boot: 'grub' })),
      start(QemuPeer.start({ boot: 'grub', security: 'x509' })),
      start(QemuPeer.start({ boot: 'grub', security: 'x509-sasl', sasl })),
    ]);
    const [x509Ca, fipsCa] = await Promise.all(
      [x509, fips].map(({ caFile }) => readFile(caFile, 'utf8')),
    );
    engine = await start(
      OvirtSimulator.start({ numbers: 'strings', hostCa: `${x509Ca}${fipsCa}` }),
    );
    const { url, ca, username, password } = engine;
    const section = { type: 'ovirt', url, ca, username, password };
    const { apiTokens } = (await testConfig({ machines: [] })) as { apiTokens: object[] };
    gateway = await start(
      TestGateway.start({
        ...{ redis, guacd, machines: [] },
        config: {
          apiTokens: [...apiTokens, boss.line],
          policy: [
            { machines: ['guarded:*'], readOnly: true },
            { machines: ['purposed:*'], purpose: 'required' },
          ],
          providers: [
            { ...section, id: 'ov', owner: { label: 'owner' } },
            { ...section, id: 'guarded' },
            { ...section, id: 'purposed' },
            { ...section, id: 'direct', vncSecurity: 'plain' },
            { ...section, id: 'strict', vncSecurity: 'x509' },
            { ...section, id: 'wrong', hostCa: fipsCa },
          ],
        },
      }),
    );
  });

  const add = (options: EngineVmOptions): EngineVm => engine.add(options);
  const pathOf = (id: string): string => `/machines/${encodeURIComponent(id)}`;
  async function view(id: string): Promise<MachineView> {
    return (await (await gateway.call('GET', pathOf(id), { as })).json()) as MachineView;
  }

  async function shown(machine: string) {
    const opened = await gateway.openRedeemed({ machine });
    const tunnel = each.add(await gateway.tunnel(opened));
    await tunnel.pictured();
    return { opened, tunnel };
  }

  /** What the page is told when it asks for a connection. */
  async function refusal(machine: string, http: number, code: StatusCode): Promise<Problem> {
    const opened = await gateway.openRedeemed({ machine });
    const path = `/consoles/${opened.id}/token`;
    return problemOf(await gateway.call('POST', path, { as: opened.bearer, body: {} }), http, code);
  }

  it('is reached by guacd itself where the hosts have no TLS', async () => {
    const vm = add({ name: 'web', peer: plain });
    await shown(`direct:${vm.id}`);
    assert.deepEqual(
      vm.tickets.map(({ expiry }) => expiry),
      [120],
    );
  });

  it('has a ticket of its own for each connection', async () => {
    const vm = add({ name: 'web', peer: plain });
    const { opened, tunnel } = await shown(`ov:${vm.id}`);
    tunnel.stop();
    await tunnel.closed;
    // The first ticket is over by now, as far as the machine is concerned.
    await plain.setPassword('another1');
    await each.add(await gateway.tunnel(opened)).pictured();
    assert.equal(new Set(vm.tickets.map(({ value }) => value)).size, 2);
  });

  it('is reached at an IPv6 address, through the bridge and without', async () => {
    const relay = createServer((socket) => {
      const peer = connect(plain.port, plain.host);
      socket.on('error', () => peer.destroy()).on('close', () => peer.destroy());
      peer.on('error', () => socket.destroy()).on('close', () => socket.destroy());
      socket.pipe(peer).pipe(socket);
    }).listen(0, '::1');
    each.add(() => void relay.close());
    await once(relay, 'listening');
    const { port } = relay.address() as AddressInfo;
    const bare = add({ name: 'six', peer: plain, address: '::1', port });
    const bracketed = add({ name: 'six', peer: plain, address: '[::1]', port });
    for (const id of [`ov:${bare.id}`, `direct:${bare.id}`, `ov:${bracketed.id}`]) await shown(id);
  });

  it('does not open with a certificate of another CA, and says so', async () => {
    const vm = add({ name: 'web', peer: x509 });
    const told = await refusal(`wrong:${vm.id}`, 502, 'target_certificate_refused');
    assert.match(told.detail, /certificate is refused/);
  });

  it('does not open with a certificate of another host', async () => {
    const vm = add({ name: 'web', peer: x509 });
    engine.hostAddress = 'node2.example';
    each.add(() => void (engine.hostAddress = 'localhost'));
    await refusal(`ov:${vm.id}`, 502, 'target_certificate_refused');
  });

  it('does not open without TLS where TLS is demanded', async () => {
    const vm = add({ name: 'web', peer: plain });
    const told = await refusal(`strict:${vm.id}`, 502, 'target_unsupported');
    assert.match(told.detail, /no TLS/);
  });

  it('of one that is down says so, and opens when it has been switched on', async () => {
    const vm = add({ name: 'sleeper', status: 'down', peer: plain });
    const id = `ov:${vm.id}`;
    assert.deepEqual((await view(id)).powerActions, ['on']);
    const told = await refusal(id, 409, 'machine_not_running');
    assert.equal(told.detail, 'ov: VM sleeper is down');
    const body = { action: 'on' };
    assert.equal((await gateway.call('POST', `${pathOf(id)}/power`, { as, body })).status, 202);
    await shown(id);
  });

  it('says that another user holds it', async () => {
    const vm = add({ name: 'web', peer: plain });
    vm.held = true;
    assert.match((await refusal(`ov:${vm.id}`, 409, 'console_held')).detail, /another user/);
  });

  it('says that the machine is gone, which it was not when the console was opened', async () => {
    const vm = add({ name: 'web', peer: plain });
    const opened = await gateway.openRedeemed({ machine: `ov:${vm.id}` });
    engine.vms.splice(engine.vms.indexOf(vm), 1);
    const path = `/consoles/${opened.id}/token`;
    const answer = await gateway.call('POST', path, { as: opened.bearer, body: {} });
    await problemOf(answer, 404, 'machine_not_found');
  });

  it('says where it looked when the host is not found there', async () => {
    const lost = add({ name: 'lost', peer: plain, address: 'node9.invalid' });
    const told = await refusal(`ov:${lost.id}`, 502, 'target_unreachable');
    assert.match(told.detail, /node9\.invalid cannot be reached at port \d+/);
    const strange = add({ name: 'strange', peer: plain, port: 70_000 });
    await refusal(`ov:${strange.id}`, 502, 'target_unreachable');
  });

  it('is none where there is SPICE alone', async () => {
    const vm = add({ name: 'spiced', protocols: ['spice'], peer: plain });
    const body = { machine: `ov:${vm.id}`, kind: 'vnc' };
    const answer = await gateway.call('POST', '/consoles', { as, body });
    await problemOf(answer, 422, 'console_kind_unavailable');
  });

  describe('for a native client', () => {
    const fetched = (id: string, who: string, body: object = {}) =>
      gateway.call('POST', `${pathOf(id)}/console-file`, { as: who, body });

    it('is had as a file, without the token of our account, and is in the audit trail', async () => {
      const vm = add({
        name: 'spiced',
        protocols: ['spice'],
        properties: { owner: 'alice' },
      });
      const id = `ov:${vm.id}`;
      assert.equal((await view(id)).consoleFile, true);
      const answer = await fetched(id, API_TOKENS.customer, { purpose: 'a USB stick' });
      assert.equal(answer.status, 200, await answer.clone().text());
      const { name, text } = consoleFile.parse(await answer.json());
      assert.equal(name, 'spiced.vv');
      assert.ok(text.includes(`password=${vm.tickets.at(-1)?.value}`));
      assert.doesNotMatch(text, /ovirt|token/);
      const query = `action=open&machine=${encodeURIComponent(id)}`;
      const [entry] = await auditOf(gateway, boss.token, query, 1);
      assert.deepEqual(
        [entry?.who, entry?.result, entry?.detail],
        ['alice', 'ok', 'file for a native client: a USB stick'],
      );
    });

    it('is refused where the gateway could not keep what the policy wants', async () => {
      const guarded = `guarded:${add({ name: 'vault' }).id}`;
      assert.equal((await view(guarded)).consoleFile, false);
      await problemOf(await fetched(guarded, as), 403, 'forbidden');
      const query = `action=open&machine=${encodeURIComponent(guarded)}`;
      const [entry] = await auditOf(gateway, boss.token, query, 1);
      assert.equal(entry?.result, 'forbidden');
      const asked = `purposed:${add({ name: 'safe' }).id}`;
      await problemOf(await fetched(asked, as), 422, 'purpose_required');
      const repair = await fetched(asked, as, { purpose: 'repair' });
      assert.equal(repair.status, 200, await repair.clone().text());
    });

    it('is refused to customers whose machine it is not', async () => {
      const theirs = add({ name: 'web', properties: { owner: 'bob' } });
      const answer = await fetched(`ov:${theirs.id}`, API_TOKENS.customer);
      await problemOf(answer, 404, 'machine_not_found');
    });

    it('is refused in words for each reason of the engine', async () => {
      const vm = add({ name: 'web' });
      const id = `ov:${vm.id}`;
      vm.held = true;
      await problemOf(await fetched(id, as), 409, 'console_held');
      vm.held = false;
      vm.status = 'down';
      await problemOf(await fetched(id, as), 409, 'machine_not_running');
      assert.equal((await view(id)).consoleFile, false);
      engine.vms.splice(engine.vms.indexOf(vm), 1);
      await problemOf(await fetched(id, as), 404, 'machine_not_found');
    });
  });

  const machines: [string, () => EngineVmOptions][] = [
    ['a password', () => ({ name: 'plain', peer: plain })],
    ['TLS with a certificate', () => ({ name: 'x509', peer: x509 })],
    ['SASL in TLS, as hosts in FIPS mode do', () => ({ name: 'fips', peer: fips, fips: true })],
  ];
  for (const [security, options] of machines) {
    it(`shows a screen behind ${security}, and takes what is typed`, async function () {
      this.timeout(60_000);
      const vm = add(options());
      const { tunnel } = await shown(`ov:${vm.id}`);
      const { peer } = vm.options;
      assert.ok(peer);
      await assertTypesIntoGrub(tunnel, peer);
    });
  }
});
