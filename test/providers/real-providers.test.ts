import assert from 'node:assert/strict';
import { mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { randomBytes, randomUUID } from 'node:crypto';
import { parseConfig } from '../../server/config.ts';
import type { ProviderContext } from '../../server/providers/provider-context.ts';
import type { Provider } from '../../server/providers/provider.ts';
import { createProvider } from '../../server/providers/registry.ts';
import { HetznerSimulator } from '../simulators/hetzner.ts';
import { OpenNebulaSimulator } from '../simulators/opennebula.ts';
import { OvirtSimulator } from '../simulators/ovirt.ts';
import type { Disposables } from '../support/dispose.ts';
import { logBook } from '../support/log-book.ts';
import { QemuPeer } from '../support/qemu.ts';
import { makeTempDir } from '../support/temp-dir.ts';
import { type ProviderUnderTest, keepsTheContract } from './contract.ts';
import { providerContext } from './support/context.ts';

/** More calls than a provider makes of a remote in one test. */
const EVERY = 100;

/** By a section of the configuration, as the gateway makes it. */
function providerOf(
  parts: Disposables,
  section: object,
  context: Partial<ProviderContext> = {},
): Provider {
  const [config] = parseConfig({ providers: [section] }, 'the test').providers;
  const provider = createProvider(config ?? assert.fail(), providerContext(context));
  parts.add(() => provider.stop?.());
  return provider;
}

/** What the simulators of APIs have in common. */
function remoteOf(
  simulator: OvirtSimulator | HetznerSimulator | OpenNebulaSimulator,
  onUp: () => void = () => undefined,
): NonNullable<ProviderUnderTest['remote']> {
  return {
    down: () => simulator.faults.fail('server_error', EVERY),
    silent: () => simulator.faults.fail('hang', EVERY),
    nonsense: () => simulator.faults.fail('nonsense', EVERY),
    refusing: () => void (simulator.refusesAll = true),
    up: () => {
      simulator.faults.mend();
      simulator.refusesAll = false;
      onUp();
    },
  };
}

const whole = { power: true, remote: true, credentials: true } as const;

keepsTheContract('oVirt', whole, async (parts) => {
  const [engine, peer] = await Promise.all([
    parts.start(OvirtSimulator.start()),
    parts.start(QemuPeer.start()),
  ]);
  const { id } = engine.add({ name: 'web', peer });
  const other = engine.add({ name: 'db' });
  const { url, username, password, ca } = engine;
  let now = Date.now();
  const section = { id: 'ov', type: 'ovirt', url, username, password, ca };
  return {
    provider: providerOf(parts, section, { now: () => now }),
    machine: { id, kind: 'vnc' },
    absent: randomUUID(),
    power: { id: other.id, action: 'off' },
    secrets: [password],
    // A password that was refused is not tried again for a minute.
    remote: remoteOf(engine, () => (now += 61_000)),
  };
});

keepsTheContract("Hetzner's cloud", whole, async (parts) => {
  const [simulator, peer] = await Promise.all([
    parts.start(HetznerSimulator.start()),
    parts.start(QemuPeer.start()),
  ]);
  const { id } = simulator.cloud.add({ name: 'web', peer });
  const other = simulator.cloud.add({ name: 'db' });
  const { token: apiToken, url: baseUrl } = simulator;
  return {
    provider: providerOf(parts, { id: 'hz', type: 'hetzner', apiToken, baseUrl }),
    machine: { id: String(id), kind: 'vnc' },
    absent: '99',
    power: { id: String(other.id), action: 'off' },
    secrets: [apiToken],
    remote: remoteOf(simulator),
  };
});

keepsTheContract('OpenNebula', whole, async (parts) => {
  const one = await parts.start(OpenNebulaSimulator.start());
  const secret = logBook.secret(randomBytes(6).toString('hex'));
  const graphics = { TYPE: 'VNC', LISTEN: '0.0.0.0', PORT: '5907', PASSWD: secret };
  const running: [number, number] = [3, 3];
  one.vms.push({ id: 7, name: 'web', numbers: running, hosts: ['kvm1'], graphics });
  one.vms.push({ id: 8, name: 'db', numbers: running, hosts: ['kvm1'], graphics });
  const { url, session } = one;
  return {
    provider: providerOf(parts, { id: 'one', type: 'opennebula', url, session }),
    machine: { id: '7', kind: 'vnc' },
    absent: '9',
    power: { id: '8', action: 'off' },
    secrets: [session, session.replace('oneadmin:', ''), secret],
    remote: remoteOf(one),
  };
});

for (const machines of ['files', 'lines'] as const) {
  keepsTheContract(`websockify by ${machines}`, { remote: 'files' }, async (parts) => {
    const { path: dir } = await parts.start(makeTempDir('tokens'));
    const path = join(dir, 'tokens');
    await mkdir(path);
    const token = logBook.secret(randomBytes(12).toString('hex'));
    await writeFile(join(path, 'one-7'), `${token}: kvm1:5907\n`);
    await writeFile(join(path, 'Büro 3'), `${token}x: [2001:db8::7]:5908\n`);
    const section = { id: 'ws', type: 'websockify', path, machines };
    return {
      provider: providerOf(parts, section),
      machine: { id: machines === 'files' ? 'one-7' : 'kvm1-5907', kind: 'vnc' },
      absent: 'one-8',
      secrets: [token],
      remote: {
        down: () => rename(path, `${path}-away`),
        up: () => rename(`${path}-away`, path).catch(() => undefined),
      },
    };
  });
}
