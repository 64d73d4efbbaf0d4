import type { Socket } from 'node:net';
import type { TunnelEnd, TunnelGrant } from '../consoles/tunnel-port.ts';
import type { StatusCode } from '../contract/index.ts';
import {
  diagnoseDisconnect,
  diagnoseError,
  diagnoseLostGuacd,
  diagnoseRequired,
  type Symptom,
} from './diagnosis.ts';
import { FrameAssembler, type FrameSink } from './frame-assembler.ts';
import { type ByteReader, GuacdSocket } from './guacamole-lite.ts';
import { FirstPicture } from './first-picture.ts';
import { watchGuacd } from './guacd-pulse.ts';
import { Handshake } from './handshake.ts';
import { encode } from './instruction.ts';
import { InstructionScanner } from './instruction-scanner.ts';
import type { TunnelLimits } from './limits.ts';
import type { Probe } from './probe.ts';
import type { ReadBuffers } from './read-buffers.ts';
import type { SessionEvents } from './session-events.ts';
import type { Silence } from './silence.ts';
import type { Turns } from './turns.ts';

/** Largest instruction of guacd's handshake, and its largest ever, in characters. */
const HANDSHAKE_INSTRUCTION = 64 * 1024;
const LARGEST_INSTRUCTION = 32 * 1024 * 1024;

/** The instructions of guacd that the gateway reads; the rest only passes. */
const ENDINGS = ['error', 'disconnect', 'required'];

/** Bytes after which a session that has told no size is none that will. */
const LOUD = 16 * 1024 * 1024;
const DISCONNECT = encode(['disconnect']);

/** What the sessions of a process share. */
export interface SessionParts {
  readonly limits: TunnelLimits;
  readonly probe: Probe;
  readonly buffers: ReadBuffers;
  readonly turns: Turns;
}

/** One session of guacd's: connection, handshake, what it sends, and how it ends. */
export class GuacdSession implements FrameSink, ByteReader {
  /** Bytes that guacd has sent. */
  received = 0;
  readonly grant: TunnelGrant;
  readonly #limits: TunnelLimits;
  readonly #probe: Probe;
  readonly #guacd: GuacdSocket;
  readonly #handshake: Handshake;
  readonly #scanner = new InstructionScanner(HANDSHAKE_INSTRUCTION, 'all');
  readonly #assembler: FrameAssembler;
  readonly #picture = new FirstPicture();
  #events: SessionEvents;
  #phase: 'connecting' | 'handshake' | 'open' | 'over' = 'connecting';
  #typed = false;
  #connection = '';
  #beginsWithSize = false;
  #stepTimer: NodeJS.Timeout | undefined;
  #silence: Silence | null = null;

  constructor(grant: TunnelGrant, parts: SessionParts, events: SessionEvents) {
    const { limits, probe, buffers, turns } = parts;
    this.grant = grant;
    this.#limits = limits;
    this.#probe = probe;
    this.#events = events;
    this.#handshake = new Handshake(grant);
    this.#assembler = new FrameAssembler(this.#scanner, this, buffers);
    this.#guacd = new GuacdSocket(grant.guacd, grant.protocol, this, turns.join());
    this.#allow(limits.connect, 'guacd does not accept the connection in time');
    this.#guacd.on('connected', () => this.#connected());
    // Always followed by `close` with the same error.
    this.#guacd.on('error', () => {});
    this.#guacd.on('close', (error?: NodeJS.ErrnoException) => this.#lost(error));
  }

  get socket(): Socket {
    return this.#guacd.guacdConnection;
  }

  /** Whether guacd has said `ready`, and the session is not over. */
  get isOpen(): boolean {
    return this.#phase === 'open';
  }

  /** By which others join it, where its first picture is there. */
  get pictured(): string | null {
    return this.#picture.isThere ? this.#connection : null;
  }

  /** Whether this guacd begins with the screen's size: who was not told of it has missed something. */
  get beginsWithSize(): boolean {
    return this.#beginsWithSize;
  }

  /** Whether what may be missing of the first picture is not looked for any more. */
  get isSettled(): boolean {
    return this.#picture.isSettled;
  }

  /** It is not looked for that any more. */
  settle(): void {
    this.#picture.settle();
    if (this.#phase === 'open') this.#watchFor();
  }

  /** From now on these are told what comes of it. */
  hand(events: SessionEvents): void {
    this.#events = events;
  }

  /** False when guacd does not keep up: wait for the socket's `drain`. */
  write(data: Buffer): boolean {
    return this.#guacd.write(data);
  }

  /** guacd keeps the socket open after an error: it is for us to close it. May be called twice. */
  close(): void {
    this.#phase = 'over';
    clearTimeout(this.#stepTimer);
    this.#silence?.stop();
    this.#guacd.write(DISCONNECT);
    this.#guacd.close();
    this.#assembler.close();
  }

  room(): Buffer {
    return this.#assembler.room();
  }

  read(count: number): void {
    if (this.#phase === 'over') return;
    this.received += count;
    this.#silence?.heard();
    const failure = this.#assembler.read(count);
    if (failure !== null) this.#fail('guacd_lost', `guacd sent ${failure}`);
    else if (this.received > LOUD && !this.isSettled) this.settle();
  }

  frame(...part: Parameters<FrameSink['frame']>): boolean {
    return this.#phase !== 'open' || this.#events.frame(...part);
  }

  instruction(elements: string[]): boolean {
    const [opcode = '', ...values] = elements;
    if (this.#phase === 'over') return false;
    switch (opcode) {
      case 'error':
        this.#end(diagnoseError(this.#symptom(), Number(values[1])));
        return false;
      case 'required':
        return this.#ask(values);
      case 'disconnect':
        this.#end(diagnoseDisconnect(this.#symptom()));
        return false;
    }
    if (this.#phase === 'handshake') {
      this.#shakeHands(elements);
      return false;
    }
    if (opcode === 'sync') return this.#frameEnds();
    if (opcode === 'size') this.#size(Number(values[0]));
    return opcode !== 'img' || !this.#isMissed(Number(values[2]));
  }

  /** All that guacd asked for has been written to it. */
  answered(): void {
    this.#typed = true;
    this.#awaitPicture();
  }

  #watchFor(): void {
    this.#scanner.watch([...ENDINGS, ...this.#picture.opcodes]);
  }

  #size(layer: number): void {
    const isScreen = this.#picture.size(layer);
    if (isScreen || this.isSettled) this.#watchFor();
    if (isScreen) this.#events.drawing();
  }

  #isMissed(layer: number): boolean {
    if (!this.#picture.lacksLayer(layer)) {
      if (this.isSettled) this.#watchFor();
      return false;
    }
    if (this.#events.missed()) return true;
    this.settle();
    return false;
  }

  #frameEnds(): boolean {
    if (this.#picture.isThere) return true;
    if (this.#beginsWithSize && this.#picture.lacksScreen && this.#events.missed()) return false;
    this.#picture.arrive();
    clearTimeout(this.#stepTimer);
    this.#watchFor();
    this.#events.pictured(this.#connection);
    return true;
  }

  #ask(names: readonly string[]): boolean {
    if (this.#phase !== 'open' || this.#picture.isThere || !this.#events.asked(names)) {
      this.#end(diagnoseRequired(this.#symptom(), names));
      return false;
    }
    const failure = 'nobody gave the credentials that it asks for';
    this.#allow(this.#limits.answer, failure, 'target_credentials_missing');
    return true;
  }

  #connected(): void {
    this.#phase = 'handshake';
    const failure = `guacd does not answer for ${this.grant.protocol}: is its plugin installed?`;
    this.#allow(this.#limits.args, failure);
    this.#guacd.write(this.#handshake.start());
  }

  #shakeHands(elements: string[]): void {
    const step = this.#handshake.receive(elements);
    if (step.do === 'send') {
      this.#allow(this.#limits.ready, 'guacd does not start the session in time');
      this.#guacd.write(step.data);
    } else if (step.do === 'open') {
      this.#awaitPicture();
      this.#phase = 'open';
      this.#connection = step.connection;
      this.#beginsWithSize = step.beginsWithSize;
      this.#guacd.opened();
      this.#scanner.limit = LARGEST_INSTRUCTION;
      this.#watchFor();
      this.#silence = watchGuacd(this.#guacd, this.#limits.guacdSilence, () =>
        this.#end(diagnoseLostGuacd(this.#symptom(), 'went silent')),
      );
      this.#events.opened();
    } else if (step.do === 'give-up') {
      this.#fail('guacd_lost', step.why);
    }
  }

  #awaitPicture(): void {
    const failure = `the ${this.grant.protocol} server shows nothing`;
    this.#allow(this.#limits.picture, failure, 'target_timeout');
  }

  #lost(error: NodeJS.ErrnoException | undefined): void {
    const { protocol } = this.grant;
    if (this.#phase === 'open') {
      this.#end(diagnoseLostGuacd(this.#symptom(), 'ended without a word'));
    } else if (this.#phase === 'handshake' && this.grant.join !== null) {
      // guacd hangs up without a word when asked for a connection that it does not have.
      this.close();
      this.#events.forgotten();
    } else if (this.#phase === 'connecting') {
      this.#fail(
        'guacd_unavailable',
        `no connection to guacd can be made (${error?.code ?? 'closed'})`,
      );
    } else if (this.#phase === 'handshake' && !this.#events.hungUp()) {
      this.#fail('guacd_unavailable', `guacd hung up in the handshake for ${protocol}`);
    }
  }

  /** Gives a step of the connection so many milliseconds; the step before it is over. */
  #allow(time: number, failure: string, status: StatusCode = 'guacd_unavailable'): void {
    clearTimeout(this.#stepTimer);
    this.#stepTimer = setTimeout(() => this.#fail(status, failure), time);
  }

  #symptom(): Symptom {
    return {
      grant: this.grant,
      pictured: this.#picture.isThere,
      typed: this.#typed,
      probe: this.#probe,
      probeTime: this.#limits.probe,
    };
  }

  #fail(status: StatusCode, what: string): void {
    this.#end({ status, message: `${this.grant.machine}: ${what}` });
  }

  #end(end: TunnelEnd | Promise<TunnelEnd>): void {
    if (this.#phase === 'over') return;
    this.close();
    this.#events.ended(end);
  }
}
