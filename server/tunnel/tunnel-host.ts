import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';
import type { TunnelEnd, Tunnels } from '../consoles/tunnel-port.ts';
import { type CloseReason, statusOfClose } from '../contract/index.ts';
import type { Logger } from '../log.ts';
import { MAX_CLIENT_MESSAGE } from './client-messages.ts';
import { GuacamoleServer } from './guacamole-lite.ts';
import type { GuacdSession } from './guacd-session.ts';
import type { TunnelLimits } from './limits.ts';
import { probe } from './probe.ts';
import { ReadBuffers } from './read-buffers.ts';
import type { TunnelMetrics } from './tunnel-metrics.ts';
import { Turns } from './turns.ts';
import { Tunnel } from './tunnel.ts';
import type { HostListener, TunnelParts } from './tunnel-parts.ts';
import type { Admission } from './upgrade.ts';

export const SHUTTING_DOWN = 'the gateway is shutting down';

/** Where tunnels run: in this process, or in others. */
export interface TunnelCarrier extends Tunnels {
  /** Tunnels that have not ended. */
  readonly size: number;
  /** Whether a process is there for another one. */
  readonly ready: boolean;
  /**
   * Makes a WebSocket of an admitted request, and a tunnel of that; false when its socket is gone
   * already. From then on the listener hears how it ends.
   *
   * @throws GatewayError when no process is there for it.
   */
  accept(request: IncomingMessage, socket: Duplex, head: Buffer, admission: Admission): boolean;
  /** Ends every tunnel with `shutting_down`; resolves when their sockets are closed. Idempotent. */
  close(): Promise<void>;
}

export interface TunnelHostOptions {
  readonly listener: HostListener;
  readonly metrics: TunnelMetrics;
  readonly log: Logger;
  readonly limits: TunnelLimits;
  /** Milliseconds since the epoch, by the clock that all replicas share. */
  readonly now: () => number;
}

/** The tunnels of this process. */
export class TunnelHost implements TunnelCarrier {
  readonly ready = true;
  readonly #server: GuacamoleServer<Admission>;
  readonly #parts: TunnelParts;
  readonly #tunnels = new Map<string, Set<Tunnel>>();
  #size = 0;
  #closed: Promise<void> | null = null;

  constructor({ listener, metrics, log, limits, now }: TunnelHostOptions) {
    const shared = {
      buffers: new ReadBuffers(),
      turns: new Turns(),
      standbys: new Set<GuacdSession>(),
    };
    this.#parts = { listener, metrics, log, limits, probe, now, ...shared };
    this.#server = new GuacamoleServer(
      // A message that is too large but not absurd gets an answer with our own status.
      { maxPayload: 4 * MAX_CLIENT_MESSAGE, closeTimeout: limits.close },
      (webSocket, socket, admission) => this.#begin(webSocket, socket, admission),
    );
  }

  get size(): number {
    return this.#size;
  }

  accept(request: IncomingMessage, socket: Duplex, head: Buffer, admission: Admission): boolean {
    return this.#server.accept(request, socket, head, admission);
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

  close(): Promise<void> {
    this.#closed ??= new Promise((resolve) => {
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
