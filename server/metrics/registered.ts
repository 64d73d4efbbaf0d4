import { Counter, Gauge, Histogram, type Registry } from 'prom-client';

type Own<Configuration> = Omit<Configuration, 'registers'>;

/** A metric of this registry alone: prom-client's own is the whole process's. */
export function gauge(
  registry: Registry,
  configuration: Own<ConstructorParameters<typeof Gauge<string>>[0]>,
): Gauge {
  return new Gauge({ ...configuration, registers: [registry] });
}

export function counter(
  registry: Registry,
  configuration: Own<ConstructorParameters<typeof Counter<string>>[0]>,
): Counter {
  return new Counter({ ...configuration, registers: [registry] });
}

export function histogram(
  registry: Registry,
  configuration: Own<ConstructorParameters<typeof Histogram<string>>[0]>,
): Histogram {
  return new Histogram({ ...configuration, registers: [registry] });
}
