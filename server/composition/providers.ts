import { GuacdBridges } from '../bridges/guacd-bridges.ts';
import { Inventory } from '../inventory/inventory.ts';
import { SharedDebts } from '../platform/debts.ts';
import { takeLease } from '../platform/lease.ts';
import { SharedRateLimit } from '../platform/rate-limit.ts';
import { repeat } from '../platform/repeat.ts';
import { countedProvider } from '../providers/counted-provider.ts';
import { guardProvider } from '../providers/guarded-provider.ts';
import { ProviderRegistry, createProvider } from '../providers/registry.ts';
import type { Base } from './base.ts';
import { startKvm } from './kvm.ts';

/** Between two looks for what gateways that have died have left. */
const SWEEP_MS = 5000;

/** Every provider of the configuration with what it needs of the gateway, and all their machines. */
export async function startProviders(base: Base) {
  const { config, redis, replicas, locations, log, now, started, metrics } = base;
  const bridges = new GuacdBridges(config.bridges);
  const kvm = await startKvm(base, bridges);
  const rateLimit = new SharedRateLimit(redis);
  const debts: SharedDebts[] = [];
  const interval = config.inventory.refresh * 1000;
  const inventory = new Inventory({ redis, interval, log, now });
  const providers = config.providers.map((section) => {
    const { id } = section;
    const owed = new SharedDebts({ redis, replicas, name: id, log });
    debts.push(owed);
    const provider = createProvider(section, {
      ...{ now, bridges, kvm, rateLimit },
      claims: { take: (thing) => takeLease(redis, `rackside:claim:${id}:${thing}`) },
      defaultLocation: locations[0] ?? 'default',
      log: log.child({ provider: id }),
      debts: owed,
      refresh: () => inventory.refresh(id),
    });
    started.defer(`provider ${id}`, () => provider.stop?.());
    const guarded = countedProvider(guardProvider(provider, log), metrics);
    inventory.add(guarded);
    return guarded;
  });
  started.defer(
    'debts',
    repeat(SWEEP_MS, async () => {
      for (const owed of debts) await owed.sweep();
    }),
  );
  started.defer('inventory', () => inventory.stop());
  await inventory.start();
  return { registry: new ProviderRegistry(providers), inventory };
}

export type Providers = Awaited<ReturnType<typeof startProviders>>;
