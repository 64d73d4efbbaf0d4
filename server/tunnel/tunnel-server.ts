import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { TunnelListener, Tunnels } from '../consoles/tunnel-port.ts';
import type { CloseReason } from '../contract/index.ts';
import { GatewayError } from '../errors.ts';
import type { Logger } from '../log.ts';
import type { ConnectionTokens } from './connection-token.ts';
import { DEFAULT_LIMITS, type TunnelLimits } from './limits.ts';
import type { OriginPolicy } from './origin-policy.ts';
import { SHUTTING_DOWN, type TunnelCarrier, TunnelHost } from './tunnel-host.ts';
import type { TunnelMetrics } from './tunnel-metrics.ts';
import { type SingleUse, type TunnelDoor, Upgrades } from './upgrade.ts';

export interface TunnelServerOptions {
  readonly tokens: ConnectionTokens;
  readonly singleUse: SingleUse;
  readonly origins: OriginPolicy;
  readonly door?: TunnelDoor | null;
  /** Of the browser, which may come by proxies. */
  readonly addressOf: (request: IncomingMessage) => string;
  readonly listener: TunnelListener;
  readonly metrics: TunnelMetrics;
  readonly log: Logger;
  readonly limits?: Partial<TunnelLimits>;
  /** Where tunnels run; absent: in this process. */
  readonly carrier?: TunnelCarrier | null;
  /** Milliseconds since the epoch, by the clock that all replicas share. */
  readonly now: () => number;
}

/** The tunnels of this gateway: `/tunnel` of the http server whose `upgrade` events it is given. */
export class TunnelServer implements Tunnels {
  readonly #upgrades: Upgrades;
  readonly #carrier: TunnelCarrier;

  constructor(options: TunnelServerOptions) {
    const limits = { ...DEFAULT_LIMITS, ...options.limits };
    this.#carrier = options.carrier ?? new TunnelHost({ ...options, limits });
    this.#upgrades = new Upgrades({
      ...options,
      limits,
      accept: (...request) => this.#carrier.accept(...request),
    });
  }

  /** Tunnels that have not ended. */
  get size(): number {
    return this.#carrier.size;
  }

  /** Whether a new one would be carried. */
  get ready(): boolean {
    return this.#carrier.ready;
  }

  /** For the http server's `upgrade` event; answers every request that it is given. */
  handleUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    this.#upgrades.handle(request, socket, head);
  }

  closeConsole(consoleId: string, reason: CloseReason, message: string): void {
    this.#carrier.closeConsole(consoleId, reason, message);
  }

  setDeadline(consoleId: string, deadline: number): void {
    this.#carrier.setDeadline(consoleId, deadline);
  }

  setControl(consoleId: string, participant: string): void {
    this.#carrier.setControl(consoleId, participant);
  }

  keepViewers(consoleId: string, viewers: readonly string[]): void {
    this.#carrier.keepViewers(consoleId, viewers);
  }

  endStrays(consoleId: string, tunnelIds: readonly string[]): void {
    this.#carrier.endStrays(consoleId, tunnelIds);
  }

  /** Upgrades are refused with `shutting_down` from now on; open tunnels stay. */
  drain(): void {
    this.#upgrades.close(new GatewayError('shutting_down', SHUTTING_DOWN));
  }

  /** Ends every tunnel with `shutting_down`; resolves when their sockets are closed. Idempotent. */
  close(): Promise<void> {
    this.drain();
    return this.#carrier.close();
  }
}
