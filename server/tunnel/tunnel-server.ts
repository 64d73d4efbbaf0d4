import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';
import type { TunnelEnd, TunnelListener, Tunnels } from '../consoles/tunnel-port.ts';
import { type CloseReason, statusOfClose } from '../contract/index.ts';
import { GatewayError } from '../errors.ts';
import type { Logger } from '../log.ts';
import { MAX_CLIENT_MESSAGE } from './client-messages.ts';
import type { ConnectionTokens } from './connection-token.ts';
import { GuacamoleServer } from './guacamole-lite.ts';
import { DEFAULT_LIMITS, type TunnelLimits } from './limits.ts';
import type { OriginPolicy } from './origin-policy.ts';
import { probe } from './probe.ts';
import { ReadBuffers } from './read-buffers.ts';
import type { TunnelMetrics } from './tunnel-metrics.ts';
import { Tunnel, type TunnelParts } from './tunnel.ts';
import { type Admission, type SingleUse, type TunnelDoor, Upgrades } from './upgrade.ts';

const SHUTTING_DOWN = 'the gateway is shutting down';

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
  /** Milliseconds since the epoch, by the clock that all replicas share. */
  readonly now: () => number;
}

/** The tunnels of this process: `/tunnel` of the http server whose `upgrade` events it is given. */
export class TunnelServer implements Tunnels {
  readonly #upgrades: Upgrades;
  readonly #server: GuacamoleServer<Admission>;
  readonly #parts: TunnelParts;
  readonly #tunnels = new Map<string, Set<Tunnel>>();
  #size = 0;
  #closed: Promise<void> | null = null;

  constructor(options: TunnelServerOptions) {
    const limits = { ...DEFAULT_LIMITS, ...options.limits };
    const { listener, metrics, log, now } = options;
    this.#parts = { listener, metrics, log, limits, probe, now, buffers: new ReadBuffers() };
    this.#server = new GuacamoleServer(
      // A message that is too large but not absurd gets an answer with our own status.
      { maxPayload: 4 * MAX_CLIENT_MESSAGE, closeTimeout: limits.close },
      (webSocket, socket, admission) => this.#begin(webSocket, socket, admission),
    );
    this.#upgrades = new Upgrades({
      ...options,
      limits,
      accept: (...request) => this.#server.accept(...request),
    });
  }

  /** Tunnels that have not ended. */
  get size(): number {
    return this.#size;
  }

  /** For the http server's `upgrade` event; answers every request that it is given. */
  handleUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    this.#upgrades.handle(request, socket, head);
  }

  closeConsole(consoleId: string, reason: CloseReason, message: string): void {
    this.#end(consoleId, { status: statusOfClose(reason), message });
  }

  setDeadline(consoleId: string, deadline: number): void {
    for (const tunnel of this.#tunnelsOf(consoleId)) tunnel.setDeadline(deadline);
  }

  setControl(consoleId: string, participant: string): void {
    for (const tunnel of this.#tunnelsOf(consoleId)) tunnel.setControl(participant);
  }

  keepViewers(consoleId: string, viewers: readonly string[]): void {
    for (const tunnel of this.#tunnelsOf(consoleId)) {
      const { viewer } = tunnel.grant;
      if (viewer && !viewers.includes(viewer.id)) tunnel.endShare();
    }
  }

  endStrays(consoleId: string, tunnelIds: readonly string[]): void {
    const message = 'the holder is in another connection now';
    for (const tunnel of this.#tunnelsOf(consoleId)) {
      if (tunnelIds.includes(tunnel.connectionId)) tunnel.end({ status: 'not_running', message });
    }
  }

  /** Upgrades are refused with `shutting_down` from now on; open tunnels stay. */
  drain(): void {
    this.#upgrades.close(new GatewayError('shutting_down', SHUTTING_DOWN));
  }

  /** Ends every tunnel with `shutting_down`; resolves when their sockets are closed. Idempotent. */
  close(): Promise<void> {
    this.#closed ??= new Promise((resolve) => {
      this.drain();
      for (const consoleId of [...this.#tunnels.keys()]) {
        this.#end(consoleId, { status: 'shutting_down', message: SHUTTING_DOWN });
      }
      this.#server.webSocketServer.once('close', resolve);
      this.#server.close();
    });
    return this.#closed;
  }

  #begin(webSocket: WebSocket, socket: Duplex, { tunnelId, grant, admitted }: Admission): void {
    const tunnel = new Tunnel(tunnelId, webSocket, socket, grant, admitted, this.#parts);
    const { consoleId } = grant;
    const siblings = this.#tunnels.get(consoleId) ?? new Set();
    this.#tunnels.set(consoleId, siblings.add(tunnel));
    this.#size++;
    tunnel.once('close', () => {
      this.#size--;
      siblings.delete(tunnel);
      if (siblings.size === 0) this.#tunnels.delete(consoleId);
    });
    tunnel.connect();
  }

  #end(consoleId: string, end: TunnelEnd): void {
    for (const tunnel of this.#tunnelsOf(consoleId)) tunnel.end(end);
  }

  /** As they are now: one that ends takes itself out. */
  #tunnelsOf(consoleId: string): Tunnel[] {
    return [...(this.#tunnels.get(consoleId) ?? [])];
  }
}
