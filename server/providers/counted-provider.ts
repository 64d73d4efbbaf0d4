import { GatewayError } from '../errors.ts';
import type { Provider } from './provider.ts';
import type { ProviderCall, ProviderMetrics } from './provider-metrics.ts';

/** A guarded provider whose calls are counted. */
export function countedProvider(provider: Provider, metrics: ProviderMetrics): Provider {
  const { id, media } = provider;
  const power = provider.power?.bind(provider);
  const boot = provider.boot?.bind(provider);
  const identify = provider.identify?.bind(provider);
  const file = provider.file?.bind(provider);
  const counted = async <T>(call: ProviderCall, run: () => Promise<T>): Promise<T> => {
    const began = performance.now();
    const over = (outcome: Parameters<ProviderMetrics['called']>[2]): void =>
      metrics.called(id, call, outcome, (performance.now() - began) / 1000);
    try {
      const result = await run();
      over('ok');
      return result;
    } catch (error) {
      // A guard throws nothing else but what a caller has cancelled with.
      over(error instanceof GatewayError ? error.status : 'cancelled');
      throw error;
    }
  };
  return {
    ...provider,
    list: (signal) => counted('list', () => provider.list(signal)),
    get: (machine, signal) => counted('get', () => provider.get(machine, signal)),
    resolve: (request) => counted('resolve', () => provider.resolve(request)),
    ...(power && { power: (...args) => counted('power', () => power(...args)) }),
    ...(boot && { boot: (...args) => counted('other', () => boot(...args)) }),
    ...(identify && { identify: (...args) => counted('other', () => identify(...args)) }),
    ...(file && { file: (...args) => counted('other', () => file(...args)) }),
    ...(media && {
      media: {
        drives: (...args) => counted('other', () => media.drives(...args)),
        insert: (...args) => counted('other', () => media.insert(...args)),
        eject: (...args) => counted('other', () => media.eject(...args)),
      },
    }),
  };
}
