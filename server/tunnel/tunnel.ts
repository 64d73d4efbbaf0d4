import type { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';
import type {
  GuacdAddress,
  TunnelEnd,
  TunnelGrant,
  TunnelListener,
} from '../consoles/tunnel-port.ts';
import { toGatewayError } from '../errors.ts';
import type { Logger } from '../log.ts';
import { filterClientMessage, MAX_CLIENT_MESSAGE } from './client-messages.ts';
import { Deadline } from './deadline.ts';
import {
  diagnoseDisconnect,
  diagnoseError,
  diagnoseLostGuacd,
  diagnoseRequired,
  type Symptom,
} from './diagnosis.ts';
import { FlowControl } from './flow-control.ts';
import { FrameAssembler, type FrameSink } from './frame-assembler.ts';
import { GrantedConnection, GuacdSocket } from './guacamole-lite.ts';
import { Handshake } from './handshake.ts';
import { encode } from './instruction.ts';
import { InstructionScanner } from './instruction-scanner.ts';
import type { TunnelLimits } from './limits.ts';
import { Page } from './page.ts';
import type { Probe } from './probe.ts';
import { Silence } from './silence.ts';

/** Largest instruction of guacd's handshake, and its largest ever, in characters. */
const HANDSHAKE_INSTRUCTION = 64 * 1024;
const LARGEST_INSTRUCTION = 32 * 1024 * 1024;

/** The instructions of guacd that the gateway reads; the rest only passes. */
const ENDINGS = ['error', 'disconnect', 'required'];
/**
 * The end of a frame. Before the first one there may be a cursor, a background or an empty
 * terminal, which guacd 1.3.0 draws before it has reached the machine.
 */
const PICTURE = 'sync';

const NOP = encode(['nop']);
const DISCONNECT = encode(['disconnect']);

/** What all tunnels of a gateway share. */
export interface TunnelParts {
  readonly listener: TunnelListener;
  readonly log: Logger;
  readonly limits: TunnelLimits;
  readonly probe: Probe;
}

type Phase = 'connecting' | 'handshake' | 'open' | 'diagnosing' | 'ended';

/**
 * One WebSocket joined to one guacd session. Whatever happens, it ends exactly once, with one
 * TunnelEnd; it emits `close` then.
 */
export class Tunnel extends GrantedConnection implements FrameSink {
  readonly #socket: Duplex;
  readonly #parts: TunnelParts;
  readonly #page: Page;
  readonly #handshake: Handshake;
  readonly #scanner = new InstructionScanner(HANDSHAKE_INSTRUCTION, 'all');
  readonly #assembler = new FrameAssembler(this.#scanner, this);
  readonly #deadline = new Deadline(() =>
    this.#fail('console_expired', "the console's time is over"),
  );
  readonly #clientSilence: Silence;
  readonly #began = performance.now();
  #phase: Phase = 'connecting';
  #pictured = false;
  #guacd: GuacdSocket | null = null;
  #flow: FlowControl | null = null;
  #guacdSilence: Silence | null = null;
  #stepTimer: NodeJS.Timeout | undefined;
  /** What the page sent before guacd was ready. */
  #early: Buffer[] = [];
  #earlySize = 0;
  #bytesIn = 0;
  #bytesOut = 0;

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
    this.#handshake = new Handshake(grant);
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

  override connect(address: GuacdAddress): void {
    const { connect, args } = this.#parts.limits;
    const guacd = new GuacdSocket(address, this.grant.protocol);
    this.#guacd = guacd;
    this.#flow = new FlowControl(this.webSocket, this.#socket, guacd.guacdConnection);
    this.#allow(connect, 'guacd does not accept the connection in time');
    guacd.on('connected', () => {
      this.#phase = 'handshake';
      this.#allow(
        args,
        `guacd does not answer for ${this.grant.protocol}: is its plugin installed?`,
      );
      guacd.write(this.#handshake.start());
    });
    guacd.on('data', (chunk: Buffer) => this.#fromGuacd(guacd, chunk));
    // Always followed by `close` with the same error.
    guacd.on('error', () => {});
    guacd.on('close', (error?: NodeJS.ErrnoException) => this.#guacdClosed(error));
  }

  /** Ends the tunnel and tells the page why. Does nothing when it has ended already. */
  end(end: TunnelEnd): void {
    if (this.#phase === 'ended') return;
    this.#phase = 'ended';
    this.state = this.STATE_CLOSED;
    this.#deadline.stop();
    this.#clientSilence.stop();
    this.#leaveGuacd();
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
        bytesOut: this.#bytesOut,
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

  frame(data: Buffer, fin: boolean): void {
    if (this.#phase === 'open') this.#page.frame(data, fin);
  }

  instruction(elements: string[]): boolean {
    const [opcode = '', ...values] = elements;
    if (this.#phase !== 'handshake' && this.#phase !== 'open') return false;
    switch (opcode) {
      case 'error':
        this.#diagnose(diagnoseError(this.#symptom(), Number(values[1])));
        return false;
      case 'required':
        this.end(diagnoseRequired(this.#symptom(), values));
        return false;
      case 'disconnect':
        this.end(diagnoseDisconnect(this.#symptom()));
        return false;
    }
    if (this.#phase === 'handshake') {
      this.#shakeHands(elements);
      return false;
    }
    if (opcode === PICTURE && !this.#pictured) {
      this.#pictured = true;
      this.#scanner.watch(ENDINGS);
      this.#parts.listener.pictured(this.grant, this.connectionId);
    }
    return true;
  }

  #shakeHands(elements: string[]): void {
    const step = this.#handshake.receive(elements);
    if (step.do === 'send') {
      this.#allow(this.#parts.limits.ready, 'guacd does not start the session in time');
      this.#guacd?.write(step.data);
    } else if (step.do === 'open') {
      clearTimeout(this.#stepTimer);
      this.#phase = 'open';
      this.#guacd?.opened();
      this.#scanner.limit = LARGEST_INSTRUCTION;
      this.#scanner.watch([...ENDINGS, PICTURE]);
      this.#page.name(this.connectionId);
      this.#guacdSilence = this.#watchGuacd();
      for (const data of this.#early.splice(0)) this.#toGuacd(data);
      this.#parts.listener.opened(this.grant, this.connectionId);
    }
  }

  #watchGuacd(): Silence {
    return new Silence({
      period: this.#parts.limits.guacdSilence / 3,
      periods: 3,
      excused: () => this.#flow?.waitsForClient ?? false,
      // guacd ends a session after 15 s without a word from its user (776), and a hidden tab's
      // timers may sleep longer: whether the browser lives is for clientSilence to say. Besides,
      // guacd 1.3.0 notices that a session's process has died only when it is written to.
      tick: () => this.#guacd?.write(NOP),
      silent: () => this.#diagnose(diagnoseLostGuacd(this.#symptom(), 'went silent')),
    });
  }

  #fromGuacd(guacd: GuacdSocket, chunk: Buffer): void {
    if (this.#phase === 'diagnosing' || this.#phase === 'ended') return;
    this.#bytesOut += chunk.length;
    this.#guacdSilence?.heard();
    const failure = this.#assembler.push(chunk);
    if (failure !== null) {
      this.#fail('guacd_lost', `guacd sent ${failure}`);
    }
    if (guacd.state !== guacd.STATE_CLOSED) this.#flow?.wroteToClient();
  }

  #fromClient(message: Buffer, isBinary: boolean): void {
    if (this.#phase === 'ended') return;
    this.#clientSilence.heard();
    try {
      const { forward, echo, leaves } = filterClientMessage(message, isBinary, this.grant.readOnly);
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
      this.#flow?.wroteToGuacd(this.#guacd?.write(data) ?? true);
    } else if (this.#phase !== 'diagnosing') {
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

  #guacdClosed(error: NodeJS.ErrnoException | undefined): void {
    if (this.#phase === 'diagnosing' || this.#phase === 'ended') return;
    if (this.#phase === 'open') {
      return this.#diagnose(diagnoseLostGuacd(this.#symptom(), 'ended without a word'));
    }
    const { protocol } = this.grant;
    this.#fail(
      'guacd_unavailable',
      this.#phase === 'connecting'
        ? `guacd accepts no connection (${error?.code ?? 'closed'})`
        : `guacd closed the connection in the handshake for ${protocol}`,
    );
  }

  /** Gives a step of the connection so many milliseconds; the step before it is over. */
  #allow(time: number, failure: string): void {
    clearTimeout(this.#stepTimer);
    this.#stepTimer = setTimeout(() => this.#fail('guacd_unavailable', failure), time);
  }

  #fail(status: TunnelEnd['status'], what: string): void {
    this.end({ status, message: `${this.grant.machine}: ${what}` });
  }

  #symptom(): Symptom {
    const { probe, limits } = this.#parts;
    return { grant: this.grant, pictured: this.#pictured, probe, probeTime: limits.probe };
  }

  /** The session is over; what is to be said of it may take a look at the machine. */
  #diagnose(diagnosis: Promise<TunnelEnd>): void {
    this.#phase = 'diagnosing';
    this.#leaveGuacd();
    diagnosis.then(
      (end) => this.end(end),
      (error: unknown) => {
        this.#parts.log.error({ err: error }, 'diagnosis failed');
        this.end({ status: 'internal', message: toGatewayError(error).message });
      },
    );
  }

  /** guacd keeps the socket open after an error: it is for us to close it. */
  #leaveGuacd(): void {
    clearTimeout(this.#stepTimer);
    this.#guacdSilence?.stop();
    this.#guacd?.write(DISCONNECT);
    this.#guacd?.close();
  }
}
