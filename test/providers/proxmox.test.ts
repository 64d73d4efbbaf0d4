import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { connect } from 'node:net';
import { before, beforeEach, describe, it } from 'mocha';
import type { ConsoleKind } from '../../server/contract/index.ts';
import type { ProviderContext } from '../../server/providers/provider-context.ts';
import type { Endpoint } from '../../server/providers/provider.ts';
import { ProxmoxProvider } from '../../server/providers/proxmox/index.ts';
import { proxmoxConfig } from '../../server/providers/proxmox/schema.ts';
import { ProxmoxSimulator, type SimulatedGuest } from '../simulators/proxmox.ts';
import { makeCertificate } from '../support/certificate.ts';
import { cleanUp } from '../support/dispose.ts';
import { grabFramebuffer } from '../support/framebuffer.ts';
import { logBook } from '../support/log-book.ts';
import { QemuPeer } from '../support/qemu.ts';
import { startShell } from '../support/shell.ts';
import { until } from '../support/until.ts';
import { keepsTheContract } from './contract.ts';
import { providerContext } from './support/context.ts';

const web = (): SimulatedGuest => ({
  ...{ vmid: 100, type: 'qemu', node: 'pve1', name: 'büro-網', status: 'running' },
  ...{ tags: 'prod;customer-alice', pool: 'shop' },
});
const mail = (): SimulatedGuest => ({
  ...{ vmid: 101, type: 'lxc', node: 'pve2', name: 'mail', status: 'running' },
});

describe('the Proxmox VE provider', () => {
  const suite = cleanUp();
  const each = cleanUp('each');
  let peer: QemuPeer;
  let pve: ProxmoxSimulator;
  let now = Date.now();
  const faults: Error[] = [];

  before(async () => {
    peer = await suite.start(QemuPeer.start());
  });
  beforeEach(async () => {
    now = Date.now();
    faults.length = 0;
    pve = each.add(await ProxmoxSimulator.start());
    pve.add({ ...web(), screen: peer });
    pve.add({ ...mail(), screen: peer });
  });

  const account = () => ({ username: pve.username, password: pve.password });
  function provider(config: object = {}, context: Partial<ProviderContext> = {}) {
    const signIn = 'username' in config || 'token' in config ? {} : { token: pve.token };
    const tree = { id: 'pve', type: 'proxmox', url: pve.url, ...signIn, ...config };
    const parts = providerContext({ now: () => now, ...context });
    return each.add(new ProxmoxProvider(proxmoxConfig.parse(tree), parts));
  }
  async function resolve(from: ProxmoxProvider, kind: ConsoleKind, id = 100): Promise<Endpoint> {
    const endpoint = await from.resolve({
      ...{ machineId: String(id), kind, signal: AbortSignal.timeout(10_000) },
      ...{ onStep: () => undefined, onFault: (error) => faults.push(error) },
    });
    logBook.secret(endpoint.parameters['password'] ?? '');
    each.add(() => endpoint.release());
    return endpoint;
  }
  const picture = ({ host, port, parameters }: Endpoint) =>
    grabFramebuffer({ host, port, password: parameters['password'] ?? '' });
  const guest = (id: number): SimulatedGuest => {
    const found = pve.cluster.guests.find(({ vmid }) => vmid === id);
    assert.ok(found);
    return found;
  };

  describe('guests', () => {
    it('of all nodes come by one call, with names in any script, tags and pool as labels', async () => {
      pve.add({ ...web(), vmid: 900, template: true });
      const owner = { label: 'customer-*' };
      const machines = await provider({ owner, location: 'nl' }).list();
      assert.deepEqual(pve.calls, ['GET /cluster/resources']);
      assert.deepEqual(machines, [
        {
          ...{ id: '100', name: 'büro-網', type: 'vm', location: 'nl', power: 'on' },
          consoles: ['vnc'],
          powerActions: ['off', 'shutdown', 'reset', 'reboot', 'suspend'],
          ...{ owner: 'alice', labels: ['prod', 'customer-alice', 'pool=shop'] },
        },
        {
          ...{ id: '101', name: 'mail', type: 'vm', location: 'nl', power: 'on' },
          consoles: ['vnc', 'terminal'],
          powerActions: ['off', 'shutdown', 'reboot'],
          ...{ owner: null, labels: [] },
        },
      ]);
    });

    it('are refused when they are more than any cluster has', async () => {
      const name = 'web';
      for (let vmid = 1000; vmid < 51_000; vmid += 1) pve.add({ ...mail(), vmid, name });
      await assert.rejects(provider().list(), {
        status: 'provider_unavailable',
        message: 'pve answers with more than 50000 machines',
      });
    });

    it('are looked at for what the account may not do, before somebody opens one', async () => {
      await provider().examine();
      pve.denied.add('VM.Console').add('VM.PowerMgmt');
      await assert.rejects(provider().examine(), {
        status: 'provider_refused',
        message:
          'pve: the API token lacks VM.Console on 2 of 2 guests, such as /vms/100' +
          ' and VM.PowerMgmt on 2 of 2 guests, such as /vms/100',
      });
      pve.denied.clear();
      pve.deniedAt.set(101, 'VM.Console');
      await assert.rejects(provider(account()).examine(), {
        message: 'pve: the account lacks VM.Console on 1 of 2 guests, such as /vms/101',
      });
    });

    it('are of the customer whom the pool names', async () => {
      const owner = { label: 'pool', names: { shop: 'bob' } };
      const found = (await provider({ owner }).list()).map((one) => one.owner);
      assert.deepEqual(found, ['bob', null]);
    });

    it('on a node that is away are there, and say so', async () => {
      pve.cluster.offline.add('pve1');
      const [listed] = await provider().list();
      const state = 'VM 100 is on node pve1, which does not report: it may be offline';
      assert.deepEqual(
        [listed?.power, listed?.state, listed?.powerActions],
        ['unknown', state, []],
      );
      const got = await provider().get('100');
      assert.deepEqual([got?.power, got?.state], ['unknown', state]);
      await assert.rejects(resolve(provider(), 'vnc'), {
        status: 'target_unreachable',
        message: 'pve: VM 100: node pve1 does not answer',
      });
    });

    it('have a terminal where they have a serial port, or are said to', async () => {
      guest(100).config = { serial0: '/dev/ttyS0', serial1: 'socket' };
      assert.deepEqual((await provider().get('100'))?.consoles, ['vnc', 'terminal']);
      const listed = async (serialTag: string) => (await provider({ serialTag }).list())[0];
      assert.deepEqual((await listed('prod'))?.consoles, ['vnc', 'terminal']);
      assert.deepEqual((await listed('other'))?.consoles, ['vnc']);
      guest(100).config = { serial0: '/dev/ttyS0' };
      assert.deepEqual((await provider().get('100'))?.consoles, ['vnc']);
    });

    it('say in which state they are', async () => {
      for (const [state, power, actions, sentence] of [
        [{ status: 'stopped' }, 'off', ['on'], 'VM büro-網 (100) is stopped'],
        [
          { status: 'stopped', lock: 'suspended' },
          ...['paused', ['on'], 'VM büro-網 (100) is suspended to disk'],
        ],
        [{ status: 'running', qmpstatus: 'paused' }, 'paused', ['on', 'off', 'reset'], undefined],
        [{ status: 'running', lock: 'backup' }, 'on', [], undefined],
      ] as const) {
        const vm = guest(100);
        delete vm.lock;
        delete vm.qmpstatus;
        Object.assign(vm, state);
        for (const machine of [(await provider().list())[0], await provider().get('100')]) {
          assert.deepEqual([machine?.power, machine?.powerActions], [power, actions]);
          assert.equal(machine?.state, sentence);
        }
        const opening = resolve(provider(), 'vnc');
        if (sentence === undefined) await opening;
        else {
          const message = `pve: ${sentence}`;
          await assert.rejects(opening, { status: 'machine_not_running', message });
        }
      }
    });

    it('that cannot be read are left out, and no others', async () => {
      pve.add({ ...web(), vmid: Number.NaN });
      assert.equal((await provider().list()).length, 2);
    });

    it('are not looked for by what is no number of a guest', async () => {
      for (const id of ['', '0', '99', '-100', '0100', '1e3', '100/config', '../100']) {
        assert.equal(await provider().get(id), undefined, id);
      }
      assert.deepEqual(pve.calls, []);
    });
  });

  describe('a screen', () => {
    for (const era of ['current', 'old'] as const) {
      for (const by of ['token', 'account'] as const) {
        it(`comes from a server that is ${era}, by ${by}`, async () => {
          pve.door.era = era;
          const from = provider(by === 'token' ? {} : account());
          const vm = await resolve(from, 'vnc');
          assert.deepEqual([vm.protocol, vm.bridged], ['vnc', true]);
          assert.ok((await picture(vm)).width >= 640);
          assert.ok((await picture(await resolve(from, 'vnc', 101))).width >= 640);
          assert.equal(pve.door.opened, 2);
          assert.deepEqual(faults, []);
        });
      }
    }

    it('is asked for anew for each connection, on the node where the guest is then', async () => {
      const endpoint = await resolve(provider(), 'vnc');
      await picture(endpoint);
      guest(100).node = 'pve2';
      await picture(endpoint);
      const asked = pve.calls.filter((call) => call.endsWith('/vncproxy'));
      assert.deepEqual(asked, [
        'POST /nodes/pve1/qemu/100/vncproxy',
        'POST /nodes/pve2/qemu/100/vncproxy',
      ]);
    });

    it('whose port has stopped to listen is told as out of reach', async () => {
      pve.door.listens = 0;
      await assert.rejects(resolve(provider(), 'vnc'), {
        status: 'target_unreachable',
        message: /^pve: the console of VM büro-網 \(100\): its WebSocket cannot be opened/,
      });
    });

    it('of a guest that was deleted meanwhile ends in what the page is told', async () => {
      const endpoint = await resolve(provider(), 'vnc');
      await picture(endpoint);
      pve.cluster.guests.splice(0);
      const nothing = assert.rejects(picture(endpoint));
      await until(() => faults.length > 0, { timeout: 2000, what: 'the fault' });
      assert.equal((faults[0] as { status?: string }).status, 'machine_not_found');
      await assert.rejects(resolve(provider(), 'vnc'), { status: 'machine_not_found' });
      await nothing;
    });
  });

  describe('a terminal', () => {
    /** What guacd would do: the password at the prompt, then what is typed. */
    async function type({ host, port, parameters }: Endpoint, text: string) {
      const socket = connect(port, host);
      each.add(() => socket.destroy());
      await once(socket, 'connect');
      let shown = '';
      socket.on('data', (chunk: Buffer) => (shown += chunk.toString()));
      socket.write(`${parameters['password']}\r`);
      // Zeros are no size; then 100 columns of 30 rows (RFC 1073).
      socket.write(Buffer.from([255, 250, 31, 0, 100, 0, 30, 255, 240]));
      socket.write(text);
      return { socket, shows: (what: RegExp) => until(() => what.test(shown), SHOWN) };
    }
    const SHOWN = { timeout: 8000, what: 'what is shown' };

    for (const era of ['current', 'old'] as const) {
      it(`of a container takes what is typed and shows it, of a server that is ${era}`, async () => {
        pve.door.era = era;
        guest(101).shell = await each.start(startShell());
        const endpoint = await resolve(provider(account()), 'terminal', 101);
        assert.deepEqual([endpoint.protocol, endpoint.bridged], ['telnet', true]);
        const { socket, shows } = await type(endpoint, 'echo $((6 * 7)) “ü”\r');
        await shows(/42 “ü”/);
        assert.deepEqual(pve.door.sizes, [[100, 30]]);
        socket.write('exit\r');
        await once(socket, 'close');
        assert.deepEqual(faults, []);
      });
    }

    it('of a VM is its first serial port that has one', async () => {
      Object.assign(guest(100), { config: { serial0: '/dev/ttyS0', serial2: 'socket' } });
      guest(100).shell = await each.start(startShell());
      const { shows } = await type(await resolve(provider(), 'terminal'), 'echo $((6 * 7))\r');
      await shows(/42/);
    });

    it('of a VM without a serial port there is none, nor is there any other kind', async () => {
      await assert.rejects(resolve(provider(), 'terminal'), {
        status: 'console_kind_unavailable',
        message:
          'pve: VM büro-網 (100) has no terminal console: it has no serial port (`serial0: socket`)',
      });
      await assert.rejects(resolve(provider(), 'ssh', 101), { status: 'console_kind_unavailable' });
    });

    it('that an old server does not give to an API token is refused in words', async () => {
      pve.door.era = 'old';
      guest(101).shell = await each.start(startShell());
      await assert.rejects(resolve(provider(), 'terminal', 101), {
        status: 'provider_refused',
        message:
          'pve: Proxmox VE before 9.2 lets no API token into a terminal: configure username and password',
      });
    });
  });

  describe('an account', () => {
    it('signs in once for all who ask, and renews its ticket before it ends', async () => {
      const from = provider(account());
      await Promise.all([from.list(), from.get('100'), from.list()]);
      assert.deepEqual(pve.signIns, ['password']);
      const pass = (minutes: number): void => {
        now += minutes * 60_000;
        pve.tickets.ahead += minutes * 60;
      };
      pass(59);
      await from.list();
      assert.deepEqual(pve.signIns, ['password']);
      pass(2);
      await Promise.all([from.list(), from.list()]);
      assert.deepEqual(pve.signIns, ['password', 'ticket']);
      pass(121);
      await from.list();
      assert.deepEqual(pve.signIns, ['password', 'ticket', 'password']);
    });

    it('signs in anew where its ticket is not taken any more', async () => {
      const from = provider(account());
      await from.list();
      pve.tickets.rotate();
      await Promise.all([from.list(), from.power('100', 'reset')]);
      assert.deepEqual(pve.signIns, ['password', 'password']);
    });

    it('that is refused says so, and is not tried again at once', async () => {
      const password = logBook.secret('not-the-password');
      const from = provider({ ...account(), password });
      const refused = {
        status: 'provider_refused',
        message: 'pve refuses the configured username or password',
      };
      await assert.rejects(from.list(), refused);
      await assert.rejects(resolve(from, 'vnc'), refused);
      assert.deepEqual(pve.calls, ['POST /access/ticket']);
      now += 61_000;
      await assert.rejects(from.list(), refused);
      assert.equal(pve.calls.length, 2);
    });

    it('with a second factor is told what to use instead', async () => {
      pve.secondFactor = true;
      await assert.rejects(provider(account()).list(), {
        status: 'provider_refused',
        message: 'pve asks for a second factor: use an API token, or an account without one',
      });
    });
  });

  describe('power', () => {
    it('is told in the words of the API', async () => {
      const from = provider(account());
      const actions = ['suspend', 'on', 'reset', 'reboot', 'shutdown', 'on', 'off'] as const;
      for (const action of actions) await from.power('100', action);
      for (const action of ['reboot', 'off', 'on', 'shutdown'] as const) {
        await from.power('101', action);
      }
      const told = pve.calls.flatMap((call) => /status\/(?!current)(\w+)/.exec(call)?.[1] ?? []);
      assert.deepEqual(told, [
        ...['suspend', 'resume', 'reset', 'reboot', 'shutdown', 'start', 'stop'],
        ...['reboot', 'stop', 'start', 'shutdown'],
      ]);
      assert.deepEqual([guest(100).status, guest(101).status], ['stopped', 'stopped']);
    });

    it('is not switched against the guest’s state', async () => {
      guest(100).lock = 'backup';
      await assert.rejects(provider().power('100', 'off'), {
        status: 'power_unavailable',
        message: 'pve: VM büro-網 (100) is locked (backup) and cannot be told off',
      });
      await assert.rejects(provider().power('101', 'reset'), { status: 'power_unavailable' });
      await assert.rejects(provider().power('101', 'nmi'), { status: 'power_unavailable' });
    });

    it('of a guest whose QEMU hangs is no failure of the cluster', async () => {
      guest(100).hangs = true;
      await assert.rejects(provider().power('100', 'reset'), {
        status: 'machine_busy',
        message: 'pve: VM büro-網 (100): its QEMU does not answer, try again',
      });
    });
  });

  describe('what goes wrong', () => {
    it('with the token is told as such', async () => {
      const token = `gateway@pve!rackside=${logBook.secret('11111111-2222-3333')}`;
      await assert.rejects(provider({ token }).list(), {
        status: 'provider_refused',
        message: 'pve does not accept the API token',
      });
    });

    for (const era of ['current', 'old'] as const) {
      it(`for want of a privilege names it, of a server that is ${era}`, async () => {
        pve.door.era = era;
        pve.denied.add('VM.Console').add('VM.PowerMgmt');
        const lacks = (who: string, privilege: string) => ({
          status: 'provider_refused',
          message: `pve: VM büro-網 (100): ${who} lacks ${privilege} on /vms/100`,
        });
        await assert.rejects(resolve(provider(), 'vnc'), lacks('the API token', 'VM.Console'));
        const off = provider(account()).power('100', 'off');
        await assert.rejects(off, lacks('the account', 'VM.PowerMgmt'));
      });
    }

    for (const [fault, message] of [
      ['half', /^pve cannot be reached/],
      ['html', /^pve answers with a web page \(HTTP 200\)$/],
      ['nonsense', /^pve answers otherwise than it should: data/],
      ['server_error', /^pve answers HTTP 500$/],
      ['bad_gateway', /^pve answers HTTP 502$/],
      ['too_many', /^pve answers HTTP 429$/],
      ['hang', /^pve does not answer in time$/],
    ] as const) {
      it(`with an answer (${fault}) is told in words`, async () => {
        const expected = { status: 'provider_unavailable', message };
        const timeout = fault === 'hang' ? 0.5 : 10;
        pve.faults.fail(fault, 2);
        await assert.rejects(provider({ timeout }).list(), expected);
        await assert.rejects(resolve(provider({ timeout }), 'vnc'), expected);
        if (fault !== 'server_error' && fault !== 'bad_gateway' && fault !== 'too_many') {
          pve.faults.fail(fault);
          const signingIn = provider({ timeout, ...account() }).list();
          await assert.rejects(signingIn, { status: 'provider_unavailable' });
        }
        assert.equal((await provider().list()).length, 2);
      });
    }

    it('with `url` is told as such', async () => {
      const nowhere = provider({ url: 'http://127.0.0.1:1' });
      await assert.rejects(nowhere.list(), { message: 'pve cannot be reached (ECONNREFUSED)' });
    });

    it('while nobody waits any more is given up', async () => {
      pve.faults.fail('hang');
      const abort = new AbortController();
      const listing = provider({ timeout: 60, ...account() }).list(abort.signal);
      await until(() => pve.calls.length > 0, { timeout: 2000, what: 'the call' });
      abort.abort();
      await assert.rejects(listing, { status: 'provider_unavailable' });
    });
  });

  describe('a certificate', () => {
    it('is known by its CA or its fingerprint, of calls and consoles; another is refused', async () => {
      const tls = await makeCertificate();
      const secure = each.add(await ProxmoxSimulator.start(tls));
      secure.token = pve.token;
      secure.add({ ...web(), screen: peer });
      const { fingerprint256: fingerprint } = new X509Certificate(tls.cert);
      for (const trust of [{ ca: tls.cert }, { fingerprint }]) {
        const endpoint = await resolve(provider({ url: secure.url, ...trust }), 'vnc');
        assert.ok((await picture(endpoint)).width >= 640);
      }
      await assert.rejects(provider({ url: secure.url }).list(), {
        message: 'pve cannot be reached (certificate refused: DEPTH_ZERO_SELF_SIGNED_CERT)',
      });
      const changed = provider({ url: secure.url, fingerprint: 'ab'.repeat(32) });
      await assert.rejects(changed.list(), {
        status: 'provider_unavailable',
        message: 'pve shows another certificate than is configured',
      });
    });
  });

  describe('its section of the configuration', () => {
    const base = { id: 'pve', type: 'proxmox', url: 'https://pve1.example:8006' };
    const token = logBook.secret('console@pve!gateway=1234-5678');
    for (const [what, part, message] of [
      ['nothing to sign in with', {}, /expected token, or username and password/],
      ['both ways to sign in', { token, username: 'a@pve' }, /expected token, or username/],
      ['no password', { username: 'a@pve' }, /expected a password/],
      ['no user', { password: 'secret' }, /expected a username/],
      ['a user without a realm', { username: 'root', password: 'secret' }, /expected user@realm/],
      ['half a token', { token: 'console@pve!gateway' }, /expected user@realm!name=secret/],
      ['a path', { token, url: 'https://pve1:8006/#v1' }, /scheme, host and port alone/],
      ['no TLS', { token, url: 'http://pve1:8006' }, /expected https/],
      ['a key of another', { token, apiToken: 'x' }, /unknown key/],
    ] as const) {
      it(`is refused with ${what}`, () => {
        const { success, error } = proxmoxConfig.safeParse({ ...base, ...part });
        assert.ok(!success);
        assert.match(error.issues.map((issue) => issue.message).join('\n'), message);
      });
    }
  });
});

keepsTheContract('Proxmox VE', { power: true, remote: true, credentials: true }, async (parts) => {
  const [pve, peer] = await Promise.all([
    parts.start(ProxmoxSimulator.start()),
    parts.start(QemuPeer.start()),
  ]);
  pve.add({ ...web(), screen: peer });
  pve.add({ ...mail(), status: 'stopped' });
  const { token, url } = pve;
  const config = proxmoxConfig.parse({ id: 'pve', type: 'proxmox', url, token });
  const provider = parts.add(new ProxmoxProvider(config, providerContext()));
  return {
    provider,
    machine: { id: '100', kind: 'vnc' },
    absent: '102',
    power: { id: '101', action: 'on' },
    secrets: [token, token.split('=')[1] ?? ''],
    remote: {
      down: () => pve.faults.fail('server_error', 50),
      silent: () => pve.faults.fail('hang', 50),
      nonsense: () => pve.faults.fail('nonsense', 50),
      refusing: () => void (pve.token = 'other@pve!rackside=1'),
      up: () => {
        pve.faults.mend();
        pve.token = token;
      },
    },
  };
});
