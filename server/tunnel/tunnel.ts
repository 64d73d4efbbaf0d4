import type { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';
import type { Admitted, TunnelEnd, TunnelGrant } from '../consoles/tunnel-port.ts';
import { toGatewayError } from '../errors.ts';
import { Attempts, type AttemptsEvents } from './attempts.ts';
import { ClientInput } from './client-input.ts';
import { Deadline } from './deadline.ts';
import { EarlyInput } from './early-input.ts';
import { FlowControl, type Pace, VIEWER_MARK } from './flow-control.ts';
import { FrameWriter } from './frame-writer.ts';
import { GrantedConnection } from './guacamole-lite.ts';
import type { GuacdSession } from './guacd-session.ts';
import { Page } from './page.ts';
import { Silence } from './silence.ts';
import type { TunnelParts } from './tunnel-parts.ts';

/** By which a replica may find a share's time over before this one. */
const CLOCKS_DIFFER_MS = 2000;

/**
 * One WebSocket joined to one guacd session. Whatever happens, it ends exactly once, with one
 * TunnelEnd; it emits `close` then.
 */
export class Tunnel extends GrantedConnection implements AttemptsEvents {
  readonly #socket: Duplex;
  readonly #parts: TunnelParts;
  readonly #page: Page;
  readonly #deadline: Deadline;
  readonly #clientSilence: Silence;
  readonly #input: ClientInput;
  readonly #early = new EarlyInput();
  readonly #began = performance.now();
  #dialled = 0;
  #phase: 'opening' | 'open' | 'diagnosing' | 'ended' = 'opening';
  #announced = false;
  #pictured = false;
  #attempts: Attempts | null = null;
  #session: GuacdSession | null = null;
  #flow: FlowControl | null = null;
  #bytesIn = 0;
  /** The console's deadline, milliseconds since the epoch. */
  #ends = Infinity;

  /** `socket` is the one beneath the WebSocket. */
  constructor(
    id: string,
    webSocket: WebSocket,
    socket: Duplex,
    grant: TunnelGrant,
    admitted: Admitted,
    parts: TunnelParts,
  ) {
    super(id, webSocket, grant);
    this.#socket = socket;
    this.#parts = parts;
    this.#page = new Page(webSocket, new FrameWriter(socket, parts.buffers));
    this.#input = new ClientInput(grant, admitted.control, parts.limits);
    this.#deadline = new Deadline(() => this.#timeIsOver(), parts.now);
    this.#clientSilence = new Silence({
      period: parts.limits.clientPing,
      periods: 2,
      excused: () => this.#flow?.waitsForGuacd ?? false,
      tick: () => webSocket.ping(),
      silent: () => this.#clientSilent(),
    });
    this.setDeadline(admitted.deadline);
    webSocket.on('ping', (data: Buffer) => this.#controlFrame(() => webSocket.pong(data)));
    webSocket.on('pong', () => this.#controlFrame());
    webSocket.on('message', (data, isBinary) => this.#fromClient(data as Buffer, isBinary));
    webSocket.on('error', (error: NodeJS.ErrnoException) => this.#clientFailed(error.code));
    webSocket.on('close', () => this.#clientLeft());
    parts.metrics.opened(grant.protocol);
  }

  /**
   * Moves the moment at which the console's tunnels end by themselves; a viewer's ends earlier where
   * its share does. Milliseconds since the epoch.
   */
  setDeadline(deadline: number): void {
    if (this.#phase === 'ended') return;
    this.#ends = deadline;
    this.#deadline.set(Math.min(deadline, this.grant.viewer?.until ?? deadline));
  }

  /** Whose input goes to the machine from now on. Who loses that lets go of what it holds. */
  setControl(participant: string): void {
    if (this.#phase !== 'ended') this.#letGo(this.#input.setControl(participant));
  }

  /** Ends a viewer's tunnel whose share is over. */
  endShare(): void {
    const expired = this.#parts.now() + CLOCKS_DIFFER_MS >= (this.grant.viewer?.until ?? Infinity);
    if (expired) this.#fail('share_expired', 'the time of the shared link is over');
    else this.#fail('share_revoked', 'the shared link was revoked');
  }

  override connect(): void {
    this.#connect(this.grant);
  }

  #connect(grant: TunnelGrant): void {
    this.#attempts = new Attempts(grant, this.connectionId, this.#parts, this);
  }

  using(session: GuacdSession): void {
    this.#dialled = performance.now();
    this.#phase = session.isOpen ? 'open' : 'opening';
    this.#flow?.release();
    this.#session = session;
    const { waiting } = this.#parts.metrics;
    const pace = this.#pace();
    this.#flow = new FlowControl(this.webSocket, this.#socket, session.socket, pace, waiting);
  }

  /** The holder's own console waits for their browser; nobody's waits for a viewer's. */
  #pace(): Pace {
    if (!this.grant.viewer) return {};
    const act = (): void => this.#fail('viewer_too_slow', 'a viewer does not keep up');
    return { mark: VIEWER_MARK, held: { after: this.#parts.limits.viewerHold, act } };
  }

  /** Ends the tunnel and tells the page why. Does nothing when it has ended already. */
  end(end: TunnelEnd): void {
    if (this.#phase === 'ended') return;
    // Others may stay in the connection, and guacd lets go of nothing by itself.
    if (this.#phase === 'open') this.#letGo(this.#input.release());
    this.#phase = 'ended';
    this.state = this.STATE_CLOSED;
    this.#deadline.stop();
    this.#clientSilence.stop();
    this.#attempts?.close();
    if (end.status === 'client_left') this.webSocket.close(1000);
    else this.#page.close(end.status);
    this.#flow?.release();
    this.#early.takeAll();
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
    this.#parts.metrics.closed(this.grant.protocol, end.status);
    this.#parts.listener.closed(this.grant, this.connectionId, end);
    this.emit('close', this);
  }

  /** For the base class's server, which closes what is left when it closes. */
  override close(): void {
    this.end({ status: 'shutting_down', message: 'the gateway is shutting down' });
  }

  opened(): void {
    this.#phase = 'open';
    if (!this.#announced) this.#announce();
    for (const data of this.#early.takeAll()) this.#toGuacd(data);
  }

  #announce(): void {
    this.#announced = true;
    this.#page.name(this.connectionId);
    const seconds = (performance.now() - this.#dialled) / 1000;
    this.#parts.metrics.shookHands(this.grant.protocol, seconds);
    this.#parts.listener.opened(this.grant, this.connectionId);
  }

  pictured(connection: string): void {
    const seconds = (performance.now() - this.#began) / 1000;
    if (!this.#pictured) this.#parts.metrics.pictured(this.grant.protocol, seconds);
    this.#pictured = true;
    this.#parts.listener.pictured(this.grant, this.connectionId, connection);
  }

  asked(names: readonly string[]): boolean {
    return this.#input.ask(names);
  }

  /** The holder begins anew, since it knows where; a viewer comes again when the holder is there. */
  forgotten(): void {
    const { join, viewer } = this.grant;
    if (join !== null) this.#parts.listener.forgotten(this.grant, join);
    if (viewer) this.#fail('not_running', 'the connection to be joined has ended');
    else this.#connect({ ...this.grant, join: null });
  }

  frame(...part: Parameters<AttemptsEvents['frame']>): boolean {
    const [, start, end] = part;
    this.#parts.metrics.bytes.toBrowser += end - start;
    const free = this.#page.frame(...part);
    this.#flow?.wroteToClient();
    return free;
  }

  ended(end: TunnelEnd | Promise<TunnelEnd>): void {
    this.#phase = 'diagnosing';
    Promise.resolve(end).then(
      // What is wrong with the machine is for the holder's tunnel and the console to say.
      (known) => this.end(this.grant.viewer ? { ...known, status: 'not_running' } : known),
      (error: unknown) => {
        this.#parts.log.error({ err: error }, 'diagnosis failed');
        this.#fail('internal', toGatewayError(error).message);
      },
    );
  }

  #fromClient(message: Buffer, isBinary: boolean): void {
    if (this.#phase === 'ended') return;
    this.#clientSilence.heard();
    this.#attempt(() => {
      const { forward, echo, used, answers, leaves } = this.#input.take(message, isBinary);
      if (used) this.#parts.listener.used(this.grant);
      if (echo.length > 0) {
        this.#page.echo(echo);
        this.#flow?.wroteToClient();
      }
      if (forward.length > 0) this.#toGuacd(forward);
      if (answers) this.#session?.answered();
      if (leaves) this.#clientLeft();
    });
  }

  /** What the browser did wrong ends the tunnel. */
  #attempt(act: () => void): void {
    try {
      act();
    } catch (error) {
      const refused = toGatewayError(error);
      this.#fail(refused.status, refused.message);
    }
  }

  #controlFrame(answer = (): void => {}): void {
    if (this.#phase === 'ended') return;
    this.#clientSilence.heard();
    this.#attempt(() => {
      this.#input.takeControlFrame();
      answer();
      this.#flow?.wroteToClient();
    });
  }

  #letGo(releases: string): void {
    if (releases !== '') this.#attempt(() => this.#toGuacd(Buffer.from(releases)));
  }

  #timeIsOver(): void {
    if ((this.grant.viewer?.until ?? Infinity) < this.#ends) this.endShare();
    else this.#fail('console_expired', "the console's time is over");
  }

  #toGuacd(data: Buffer): void {
    if (this.#phase === 'open') {
      this.#bytesIn += data.length;
      this.#parts.metrics.bytes.toGuacd += data.length;
      this.#flow?.wroteToGuacd(this.#session?.write(data) ?? true);
    } else if (this.#phase === 'opening') {
      this.#early.keep(data);
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
