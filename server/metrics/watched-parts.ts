import type { Registry } from 'prom-client';
import type { ConsoleState } from '../contract/index.ts';
import { gauge } from './registered.ts';

/** What is asked how it is when somebody reads the metrics. */
export interface WatchedParts {
  readonly redis: { readonly ready: boolean };
  /** For each location whether a guacd answers. */
  readonly guacds: { check(): Promise<ReadonlyMap<string, boolean>> };
  /** Open consoles of all gateways. @throws GatewayError `redis_unavailable` */
  readonly countConsoles: () => Promise<ReadonlyMap<ConsoleState, number>>;
  readonly draining: () => boolean;
}

/** Metrics of the gateway's parts. What cannot be known now has no value, rather than an old one. */
export function watchParts(registry: Registry, parts: WatchedParts): void {
  gauge(registry, {
    name: 'rackside_redis_up',
    help: '1 while Redis is connected',
    aggregator: 'min',
    collect() {
      this.set(Number(parts.redis.ready));
    },
  });
  gauge(registry, {
    name: 'rackside_draining',
    help: '1 once the gateway has begun to stop',
    aggregator: 'max',
    collect() {
      this.set(Number(parts.draining()));
    },
  });
  gauge(registry, {
    name: 'rackside_guacd_up',
    help: '1 where a guacd of the location answers',
    labelNames: ['location'],
    aggregator: 'min',
    async collect() {
      for (const [location, up] of await parts.guacds.check()) this.set({ location }, Number(up));
    },
  });
  gauge(registry, {
    name: 'rackside_consoles',
    help: 'Open consoles of all gateways together, by state',
    labelNames: ['state'],
    aggregator: 'first',
    async collect() {
      const counts = await parts.countConsoles().catch(() => new Map<ConsoleState, number>());
      this.reset();
      for (const [state, count] of counts) this.set({ state }, count);
    },
  });
}
