import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { afterEach, before, beforeEach, describe, it } from 'mocha';
import { createLogger } from '../../server/log.ts';
import { guardProvider } from '../../server/providers/guarded-provider.ts';
import type { ProviderContext } from '../../server/providers/provider-context.ts';
import type { Endpoint } from '../../server/providers/provider.ts';
import { HetznerProvider } from '../../server/providers/hetzner/index.ts';
import { hetznerConfig } from '../../server/providers/hetzner/schema.ts';
import { HetznerSimulator } from '../simulators/hetzner.ts';
import { makeCertificate } from '../support/certificate.ts';
import { cleanUp } from '../support/dispose.ts';
import { grabFramebuffer } from '../support/framebuffer.ts';
import { logBook } from '../support/log-book.ts';
import { QemuPeer } from '../support/qemu.ts';
import { until } from '../support/until.ts';
import { providerContext } from './support/context.ts';

describe("the provider of Hetzner's cloud", () => {
  const parts = cleanUp();
  const each = cleanUp('each');
  let peer: QemuPeer;
  let certificate: { key: string; cert: string };
  let simulator: HetznerSimulator;
  const steps: string[] = [];
  const faults: Error[] = [];

  before(async () => {
    [peer, certificate] = await Promise.all([parts.start(QemuPeer.start()), makeCertificate()]);
  });
  beforeEach(async () => {
    simulator = await each.start(HetznerSimulator.start());
  });
  afterEach(() => {
    steps.length = 0;
    faults.length = 0;
  });

  function provider(
    settings: object = {},
    context: Partial<ProviderContext> = {},
  ): HetznerProvider {
    const config = hetznerConfig.parse({
      id: 'hz',
      type: 'hetzner',
      apiToken: simulator.token,
      baseUrl: simulator.url,
      ...settings,
    });
    return each.add(new HetznerProvider(config, providerContext(context)));
  }

  async function open(from: HetznerProvider, id: number | string): Promise<Endpoint> {
    const endpoint = await from.resolve({
      machineId: String(id),
      kind: 'vnc',
      onStep: (step) => steps.push(step),
      onFault: (error) => faults.push(error),
      signal: new AbortController().signal,
    });
    logBook.secret(endpoint.parameters['password'] ?? '');
    each.add(() => endpoint.release());
    return endpoint;
  }

  const picture = ({ host, port, parameters }: Endpoint) =>
    grabFramebuffer({ host, port, password: parameters['password'] ?? '' });

  const rejects = (promise: Promise<unknown>, status: string, message: RegExp) =>
    assert.rejects(promise, { status, message });

  describe('servers', () => {
    it('are all of them, over pages, with what is known of each', async () => {
      for (let count = 1; count <= 120; count += 1) simulator.cloud.add({ name: `web${count}` });
      const off = simulator.cloud.add({
        name: 'away',
        status: 'off',
        labels: { env: 'test', x: '' },
      });
      const machines = await provider({ location: 'fsn' }).list();
      assert.equal(machines.length, 121);
      assert.equal(simulator.calls.length, 3);
      assert.deepEqual(machines.at(-1), {
        id: String(off.id),
        name: 'away',
        type: 'vm',
        location: 'fsn',
        power: 'off',
        consoles: ['vnc'],
        powerActions: ['on'],
        owner: null,
        state: 'server away is off',
        labels: ['env=test', 'x'],
        addresses: [`192.0.2.${off.id % 250}`, `2001:db8:${off.id.toString(16)}::/64`],
      });
    });

    it('without the label are not there: not listed, not opened, not switched', async () => {
      const mine = simulator.cloud.add({ name: 'mine', labels: { console: 'yes' }, peer });
      const other = simulator.cloud.add({ name: 'other', labels: { console: 'no' }, peer });
      const hetzner = provider({ label: 'console=yes' });
      assert.deepEqual(
        (await hetzner.list()).map(({ name }) => name),
        ['mine'],
      );
      assert.equal(await hetzner.get(String(other.id)), undefined);
      await rejects(open(hetzner, other.id), 'machine_not_found', /^hz: there is no server/);
      await rejects(hetzner.power(String(other.id), 'off'), 'machine_not_found', /no server/);
      assert.ok(!simulator.calls.some((call) => call.startsWith('POST')));
      // Who loses the label is lost in this moment, whatever a list said.
      mine.labels = {};
      await rejects(open(hetzner, mine.id), 'machine_not_found', /no server/);
      await rejects(hetzner.power(String(mine.id), 'off'), 'machine_not_found', /no server/);
    });

    it('are of the customer whom a label names', async () => {
      for (const [name, labels] of Object.entries({
        a: { customer: 'anna' },
        b: { customer: 'c-17' },
        c: { customer: '' },
        d: { other: 'anna' },
        e: { customer: 'constructor' },
      }))
        simulator.cloud.add({ name, labels });
      const owner = { label: 'customer', names: { 'c-17': 'bob@example.com' } };
      const machines = await provider({ owner }).list();
      const owners = machines.map((machine) => machine.owner);
      assert.deepEqual(owners, ['anna', 'bob@example.com', null, null, 'constructor']);
    });

    it('that are asked for by what is no number are not looked for', async () => {
      const hetzner = provider();
      for (const id of ['', '0', '-1', '1/actions/poweroff', '../images', '9'.repeat(17)])
        assert.equal(await hetzner.get(id), undefined);
      assert.deepEqual(simulator.calls, []);
    });
  });

  describe('a console', () => {
    it('is asked for when it is opened, and anew for each connection of guacd', async () => {
      const { id } = simulator.cloud.add({ name: 'web', peer });
      const asked = () =>
        simulator.calls.filter((call) => call.endsWith('/request_console')).length;
      const endpoint = await open(provider(), id);
      assert.equal(endpoint.bridged, true);
      assert.equal(asked(), 1);
      for (let time = 0; time < 2; time += 1) {
        const { width, height } = await picture(endpoint);
        assert.ok(width >= 640 && height >= 400);
      }
      assert.equal(asked(), 2);
      assert.equal(simulator.door.opened, 2);
      assert.deepEqual(faults, []);
    });

    it('opens for two people at once, though the cloud does one thing at a time', async () => {
      const { id } = simulator.cloud.add({ name: 'web', peer });
      const hetzner = provider();
      await Promise.all([open(hetzner, id), open(hetzner, id)]);
      const asked = simulator.calls.filter((call) => call.endsWith('/request_console'));
      assert.ok(asked.length > 2, 'one of them was locked out for a moment');
    });

    it('of a server that does not run says which state that is', async () => {
      for (const status of ['off', 'initializing', 'deleting', 'rebuilding'] as const) {
        const { id } = simulator.cloud.add({ name: `web-${status}`, status });
        const message = new RegExp(`^hz: server web-${status} is ${status}$`);
        await rejects(open(provider(), id), 'machine_not_running', message);
      }
    });

    it('of a server that was deleted meanwhile says that there is none', async () => {
      const { id } = simulator.cloud.add({ name: 'web', peer });
      const hetzner = provider();
      assert.equal((await hetzner.list()).length, 1);
      simulator.cloud.remove(id);
      await rejects(open(hetzner, id), 'machine_not_found', /^hz: there is no server \d+$/);
    });

    it('whose URL is too old is told as refused', async () => {
      simulator.door.ttl = -1;
      const { id } = simulator.cloud.add({ name: 'web', peer });
      await rejects(open(provider(), id), 'target_refused', /^the console answers HTTP 401$/);
    });

    it('that cannot be had later ends in what the page is told', async () => {
      const { id } = simulator.cloud.add({ name: 'web', peer });
      const endpoint = await open(provider(), id);
      await picture(endpoint);
      simulator.cloud.remove(id);
      const nothing = assert.rejects(picture(endpoint));
      await until(() => faults.length > 0, { timeout: 5000, what: 'the fault to be told' });
      assert.match(String(faults[0]?.message), /^hz: there is no server \d+$/);
      void nothing;
    });

    it('comes over TLS with a certificate that is known by its fingerprint or its CA', async () => {
      simulator = await each.start(HetznerSimulator.start({ tls: certificate }));
      const { fingerprint256 } = new X509Certificate(certificate.cert);
      for (const trust of [{ ca: certificate.cert }, { fingerprint: fingerprint256 }]) {
        const { id } = simulator.cloud.add({ name: `web${simulator.calls.length}`, peer });
        const { width } = await picture(await open(provider(trust), id));
        assert.ok(width >= 640);
      }
      await rejects(provider().list(), 'provider_unavailable', /^hz cannot be reached/);
      const wrong = { fingerprint: '00'.repeat(32) };
      await rejects(provider(wrong).list(), 'provider_unavailable', /another certificate/);
    });
  });

  describe('power', () => {
    it('is told in the words of the cloud', async () => {
      const hetzner = provider();
      const server = simulator.cloud.add({ name: 'web' });
      await hetzner.power(String(server.id), 'shutdown');
      assert.ok(simulator.calls.includes(`POST /servers/${server.id}/actions/shutdown`));
      await rejects(hetzner.power(String(server.id), 'nmi'), 'power_unavailable', /told nmi$/);
    });

    it('of a server that something else runs on says that it is locked', async () => {
      const hetzner = provider();
      const server = simulator.cloud.add({ name: 'web', status: 'migrating' });
      await rejects(hetzner.power(String(server.id), 'off'), 'machine_busy', /locked/);
    });

    it('of a server that is locked keeps nobody from another, however often it is tried', async () => {
      const guarded = guardProvider(provider(), createLogger('silent'));
      const locked = String(simulator.cloud.add({ name: 'mine', status: 'migrating' }).id);
      const other = String(simulator.cloud.add({ name: 'theirs' }).id);
      const presses = Array.from({ length: 12 }, () => guarded.power?.(locked, 'reset'));
      for (const press of presses) {
        await rejects(press ?? Promise.resolve(), 'machine_busy', /^hz: the server is locked/);
      }
      assert.equal((await guarded.get(other))?.name, 'theirs');
    });
  });

  describe('what goes wrong', () => {
    it('with the token is told as such, and never the token', async () => {
      const { id } = simulator.cloud.add({ name: 'web', peer });
      const wrong = provider({ apiToken: 'wrong' });
      await rejects(
        wrong.list(),
        'provider_refused',
        /^hz: the cloud does not accept the API token$/,
      );
      const reader = provider({ apiToken: simulator.readOnlyToken });
      assert.equal((await reader.list()).length, 1);
      await rejects(open(reader, id), 'provider_refused', /^hz: the API token may only read/);
    });

    it('for a moment is tried again, as the official client does', async () => {
      simulator.cloud.add({ name: 'web' });
      for (const fault of ['conflict', 'bad_gateway', 'too_many'] as const) {
        simulator.faults.fail(fault, 2);
        assert.equal((await provider().list()).length, 1, fault);
      }
    });

    it('with the answer is told in words', async () => {
      const said = [
        ['half', /^hz cannot be reached/],
        ['html', /^hz answers with a web page \(HTTP 200\)$/],
        ['nonsense', /^hz answers otherwise than it should: servers\.0\.id$/],
        ['server_error', /^hz: the cloud has an error of its own$/],
      ] as const;
      for (const [fault, message] of said) {
        simulator.faults.fail(fault);
        await rejects(provider().list(), 'provider_unavailable', message);
      }
      simulator.stop();
      await rejects(provider().list(), 'provider_unavailable', /^hz cannot be reached/);
    });

    it('for longer than a moment is told, and a late answer is an answer', async () => {
      simulator.cloud.add({ name: 'web' });
      simulator.faults.fail('too_many', 5);
      await rejects(provider().list(), 'provider_unavailable', /limit of requests|limit of calls/);
      simulator.faults.fail('slow');
      assert.equal((await provider().list()).length, 1);
    });

    it('with the certificate ends all calls, and none is made until it is right again', async () => {
      simulator = await each.start(HetznerSimulator.start({ tls: certificate }));
      const hetzner = provider({ ca: certificate.cert });
      assert.deepEqual(await hetzner.list(), []);
      const { length } = simulator.calls;
      await simulator.remote.forgeCertificate();
      // What was open is found closed first.
      await assert.rejects(hetzner.list());
      await rejects(hetzner.list(), 'provider_unavailable', /^hz cannot be reached \(.*SELF/);
      assert.equal(simulator.calls.length, length);
      simulator.remote.restoreCertificate();
      assert.deepEqual(await hetzner.list(), []);
    });

    it('while nobody waits any more is given up', async () => {
      simulator.faults.fail('hang');
      const abort = new AbortController();
      const listing = provider().list(abort.signal);
      const given = assert.rejects(listing);
      await until(() => simulator.calls.length > 0, { timeout: 2000, what: 'the call' });
      abort.abort();
      await given;
    });
  });
});
