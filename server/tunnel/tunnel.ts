import type { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';
import type { TunnelEnd, TunnelGrant, TunnelListener } from '../consoles/tunnel-port.ts';
import { toGatewayError } from '../errors.ts';
import type { Logger } from '../log.ts';
import { filterClientMessage, MAX_CLIENT_MESSAGE } from './client-messages.ts';
import { Deadline } from './deadline.ts';
import { FlowControl } from './flow-control.ts';
import { GrantedConnection } from './guacamole-lite.ts';
import { GuacdSession, type SessionEvents } from './guacd-session.ts';
import type { TunnelLimits } from './limits.ts';
import { Page } from './page.ts';
import type { Probe } from './probe.ts';
import { Silence } from './silence.ts';

/** What all tunnels of a gateway share. */
export interface TunnelParts {
  readonly listener: TunnelListener;
  readonly log: Logger;
  readonly limits: TunnelLimits;
  readonly probe: Probe;
}

/**
 * One WebSocket joined to one guacd session. Whatever happens, it ends exactly once, with one
 * TunnelEnd; it emits `close` then.
 */
export class Tunnel extends GrantedConnection implements SessionEvents {
  readonly #socket: Duplex;
  readonly #parts: TunnelParts;
  readonly #page: Page;
  readonly #deadline: Deadline;
  readonly #clientSilence: Silence;
  readonly #began = performance.now();
  #phase: 'opening' | 'open' | 'diagnosing' | 'ended' = 'opening';
  #session: GuacdSession | null = null;
  #flow: FlowControl | null = null;
  /** What the page sent before guacd was ready. */
  #early: Buffer[] = [];
  #earlySize = 0;
  #bytesIn = 0;

  /** `socket` is the one beneath the WebSocket; `deadline` in milliseconds since the epoch. */
  constructor(
    id: string,
    webSocket: WebSocket,
    socket: Duplex,
    grant: TunnelGrant,
    deadline: number,
    parts: TunnelParts,
  ) {
    super(id, webSocket, grant);
    this.#socket = socket;
    this.#parts = parts;
    this.#page = new Page(webSocket);
    this.#deadline = new Deadline(() =>
      this.#fail('console_expired', "the console's time is over"),
    );
    this.#clientSilence = new Silence({
      period: parts.limits.clientPing,
      periods: 2,
      excused: () => webSocket.isPaused,
      tick: () => webSocket.ping(),
      silent: () => this.#clientSilent(),
    });
    this.setDeadline(deadline);
    webSocket.on('pong', () => this.#clientSilence.heard());
    webSocket.on('message', (data, isBinary) => this.#fromClient(data as Buffer, isBinary));
    webSocket.on('error', (error: NodeJS.ErrnoException) => this.#clientFailed(error.code));
    webSocket.on('close', () => this.#clientLeft());
  }

  /** Moves the moment at which the tunnel ends by itself. Milliseconds since the epoch. */
  setDeadline(deadline: number): void {
    if (this.#phase !== 'ended') this.#deadline.set(deadline);
  }

  override connect(): void {
    const session = new GuacdSession(this.grant, this.#parts, this);
    this.#session = session;
    this.#flow = new FlowControl(this.webSocket, this.#socket, session.socket);
  }

  /** Ends the tunnel and tells the page why. Does nothing when it has ended already. */
  end(end: TunnelEnd): void {
    if (this.#phase === 'ended') return;
    this.#phase = 'ended';
    this.state = this.STATE_CLOSED;
    this.#deadline.stop();
    this.#clientSilence.stop();
    this.#session?.close();
    if (end.status === 'client_left') this.webSocket.close(1000);
    else this.#page.close(end.status);
    this.#flow?.release();
    this.#early = [];
    this.#parts.log.info(
      {
        consoleId: this.grant.consoleId,
        machine: this.grant.machine,
        tunnelId: this.connectionId,
        status: end.status,
        detail: end.message,
        seconds: Math.round((performance.now() - this.#began) / 100) / 10,
        bytesIn: this.#bytesIn,
        bytesOut: this.#session?.received ?? 0,
      },
      'tunnel closed',
    );
    this.#parts.listener.closed(this.grant, this.connectionId, end);
    this.emit('close', this);
  }

  /** For the base class's server, which closes what is left when it closes. */
  override close(): void {
    this.end({ status: 'shutting_down', message: 'the gateway is shutting down' });
  }

  opened(): void {
    this.#phase = 'open';
    this.#page.name(this.connectionId);
    for (const data of this.#early.splice(0)) this.#toGuacd(data);
    this.#parts.listener.opened(this.grant, this.connectionId);
  }

  pictured(): void {
    this.#parts.listener.pictured(this.grant, this.connectionId);
  }

  frame(data: Buffer, fin: boolean): void {
    this.#page.frame(data, fin);
    this.#flow?.wroteToClient();
  }

  ended(end: TunnelEnd | Promise<TunnelEnd>): void {
    this.#phase = 'diagnosing';
    Promise.resolve(end).then(
      (known) => this.end(known),
      (error: unknown) => {
        this.#parts.log.error({ err: error }, 'diagnosis failed');
        this.#fail('internal', toGatewayError(error).message);
      },
    );
  }

  #fromClient(message: Buffer, isBinary: boolean): void {
    if (this.#phase === 'ended') return;
    this.#clientSilence.heard();
    try {
      const { readOnly } = this.grant;
      const { forward, echo, human, leaves } = filterClientMessage(message, isBinary, readOnly);
      if (human) this.#parts.listener.used(this.grant);
      if (echo.length > 0) {
        this.#page.echo(echo);
        this.#flow?.wroteToClient();
      }
      if (forward.length > 0) this.#toGuacd(forward);
      if (leaves) this.#clientLeft();
    } catch (error) {
      const refused = toGatewayError(error);
      this.#fail(refused.status, refused.message);
    }
  }

  #toGuacd(data: Buffer): void {
    if (this.#phase === 'open') {
      this.#bytesIn += data.length;
      this.#flow?.wroteToGuacd(this.#session?.write(data) ?? true);
    } else if (this.#phase === 'opening') {
      this.#early.push(data);
      this.#earlySize += data.length;
      if (this.#earlySize > MAX_CLIENT_MESSAGE) {
        this.#fail('instruction_too_large', 'the browser sent too much before guacd was ready');
      }
    }
  }

  #clientFailed(code: string | undefined): void {
    // ws has begun to close already, with its own code (1002, 1007, 1009) and without a reason.
    if (code === 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH') {
      this.#fail('instruction_too_large', 'the browser sent too large a message');
    } else if (code?.startsWith('WS_ERR_')) {
      this.#fail('instruction_invalid', `the browser broke the WebSocket protocol (${code})`);
    } else {
      this.#clientLeft();
    }
  }

  #clientLeft(): void {
    // What went wrong with the machine is more than that the browser has gone meanwhile.
    if (this.#phase !== 'diagnosing')
      this.#fail('client_left', 'the browser closed the connection');
  }

  #clientSilent(): void {
    this.#fail('client_timeout', 'the browser stopped answering');
    this.webSocket.terminate();
  }

  #fail(status: TunnelEnd['status'], what: string): void {
    this.end({ status, message: `${this.grant.machine}: ${what}` });
  }
}
