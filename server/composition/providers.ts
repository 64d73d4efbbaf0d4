import { GuacdBridges } from '../bridges/guacd-bridges.ts';
import { SharedRateLimit } from '../platform/rate-limit.ts';
import { ProviderRegistry, createProvider } from '../providers/registry.ts';
import type { Base } from './base.ts';

/** Every provider of the configuration, with what it needs of the gateway. */
export function startProviders({ config, redis, locations, log, now, started }: Base) {
  const bridges = new GuacdBridges(config.bridges);
  const rateLimit = new SharedRateLimit(redis);
  const providers = config.providers.map((section) => {
    const provider = createProvider(section, {
      ...{ now, bridges, rateLimit },
      defaultLocation: locations[0] ?? 'default',
      log: log.child({ provider: section.id }),
      refresh: () => undefined,
    });
    started.defer(`provider ${section.id}`, () => provider.stop?.());
    return provider;
  });
  return new ProviderRegistry(providers, log);
}
