import { Registry } from 'prom-client';
import type { HttpMetrics, StatusClass } from '../api/http-metrics.ts';
import type { GuacdProtocol, TunnelEnd } from '../consoles/tunnel-port.ts';
import type { StatusCode } from '../contract/index.ts';
import type { ProviderCall, ProviderMetrics } from '../providers/provider-metrics.ts';
import type { TunnelMetrics } from '../tunnel/tunnel-metrics.ts';
import { WaitingTime } from '../tunnel/waiting-time.ts';
import { counter, gauge, histogram } from './registered.ts';

/** Upper bounds in seconds: of what guacd does by itself, of what a machine or a remote takes part in. */
const QUICK = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5];
const SLOW = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120];

/**
 * What the gateway counts of itself, as docs/metrics.md has it. Every label's values are of a list that
 * the code or the configuration has: statuses, protocols, operations, providers; never an id, a name or
 * an address of anybody.
 */
export class Metrics implements TunnelMetrics, HttpMetrics, ProviderMetrics {
  readonly bytes = { toBrowser: 0, toGuacd: 0 };
  readonly waiting = { browser: new WaitingTime(), guacd: new WaitingTime() };
  readonly registry = new Registry();
  readonly #open = gauge(this.registry, {
    name: 'rackside_tunnels_open',
    help: 'Tunnels that are open',
    labelNames: ['protocol'],
  });
  readonly #opened = counter(this.registry, {
    name: 'rackside_tunnels_opened_total',
    help: 'Tunnels whose WebSocket was accepted',
    labelNames: ['protocol'],
  });
  readonly #closed = counter(this.registry, {
    name: 'rackside_tunnels_closed_total',
    help: 'Tunnels that have ended, by the status that says why',
    labelNames: ['reason'],
  });
  readonly #handshake = histogram(this.registry, {
    name: 'rackside_tunnel_handshake_seconds',
    help: 'From dialling guacd to its ready',
    labelNames: ['protocol'],
    buckets: QUICK,
  });
  readonly #firstFrame = histogram(this.registry, {
    name: 'rackside_tunnel_first_frame_seconds',
    help: "From the WebSocket to the machine's first picture",
    labelNames: ['protocol'],
    buckets: SLOW,
  });
  readonly #refused = counter(this.registry, {
    name: 'rackside_upgrades_refused_total',
    help: 'Upgrade requests that were refused, by the status that says why',
    labelNames: ['reason'],
  });
  readonly #requests = counter(this.registry, {
    name: 'rackside_http_requests_total',
    help: 'Requests over HTTP by operation and class of status',
    labelNames: ['operation', 'status'],
  });
  readonly #requestTime = histogram(this.registry, {
    name: 'rackside_http_request_seconds',
    help: 'From a request to the end of its answer, but of event streams',
    labelNames: ['operation'],
    buckets: QUICK,
  });
  readonly #calls = counter(this.registry, {
    name: 'rackside_provider_calls_total',
    help: 'Calls of providers, by outcome: ok, cancelled or a status',
    labelNames: ['provider', 'call', 'outcome'],
  });
  readonly #callTime = histogram(this.registry, {
    name: 'rackside_provider_call_seconds',
    help: 'Time of calls of providers, retries included',
    labelNames: ['provider', 'call'],
    buckets: SLOW,
  });

  constructor() {
    const { bytes, waiting } = this;
    readAtScrape(this.registry, {
      name: 'rackside_tunnel_bytes_total',
      help: 'Bytes of the Guacamole protocol that were relayed',
      label: 'to',
      values: { browser: () => bytes.toBrowser, guacd: () => bytes.toGuacd },
    });
    const seconds = (time: WaitingTime) => (): number => time.total(performance.now()) / 1000;
    readAtScrape(this.registry, {
      name: 'rackside_tunnel_waiting_seconds_total',
      help: 'Time in which one side of a tunnel was not read, since the other took nothing',
      label: 'for',
      values: { browser: seconds(waiting.browser), guacd: seconds(waiting.guacd) },
    });
  }

  opened(protocol: GuacdProtocol): void {
    this.#open.inc({ protocol });
    this.#opened.inc({ protocol });
  }

  shookHands(protocol: GuacdProtocol, time: number): void {
    this.#handshake.observe({ protocol }, time);
  }

  pictured(protocol: GuacdProtocol, time: number): void {
    this.#firstFrame.observe({ protocol }, time);
  }

  closed(protocol: GuacdProtocol, reason: TunnelEnd['status']): void {
    this.#open.dec({ protocol });
    this.#closed.inc({ reason });
  }

  refused(reason: StatusCode): void {
    this.#refused.inc({ reason });
  }

  answered(operation: string, status: StatusClass, time: number | null): void {
    this.#requests.inc({ operation, status });
    if (time !== null) this.#requestTime.observe({ operation }, time);
  }

  called(provider: string, call: ProviderCall, outcome: string, time: number): void {
    this.#calls.inc({ provider, call, outcome });
    this.#callTime.observe({ provider, call }, time);
  }
}

/** A counter whose values are numbers that somebody adds to without knowing of metrics. */
function readAtScrape(
  registry: Registry,
  {
    name,
    help,
    label,
    values,
  }: {
    readonly name: string;
    readonly help: string;
    readonly label: string;
    readonly values: Readonly<Record<string, () => number>>;
  },
): void {
  counter(registry, {
    name,
    help,
    labelNames: [label],
    collect() {
      this.reset();
      for (const [value, read] of Object.entries(values)) this.inc({ [label]: value }, read());
    },
  });
}
