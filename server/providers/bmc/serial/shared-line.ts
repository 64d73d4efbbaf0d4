import { Duplex } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { GatewayError, toGatewayError } from '../../../errors.ts';
import { inTime } from '../in-time.ts';

export interface LineParts {
  /** With which its sentences begin. */
  readonly name: string;
  /**
   * Reaches the line; called anew when it was lost, `again`, and then not to take it from anybody: they
   * would take it from each other for ever.
   */
  readonly open: (signal: AbortSignal, again: boolean) => Promise<Duplex>;
  /** After how long a BMC has forgotten a session of ours that was cut off. ms */
  readonly forgottenMs?: number;
  /** Told why the line has ended for good. */
  readonly onFault: (error: GatewayError) => void;
}

/** What of the past a newcomer is shown. Bytes */
const PAST = 64 * 1024;
/** A reader that is so far behind reads no more. Bytes */
const MOST_BEHIND = 4 * 1024 * 1024;
/** A BMC takes minutes to restart. ms */
const PATIENCE_MS = 600_000;
/** A session without a word ends after 60 ± 3 s (IPMI 2.0, 6.12.15). */
const FORGOTTEN_MS = 65_000;
/** For one try to open it again. ms */
const OPENING_MS = 30_000;
const FIRST_PAUSE_MS = 1000;
const LONGEST_PAUSE_MS = 15_000;

/**
 * A serial line, which there is once, for all connections of one console: each sees what comes and what
 * has come before, and each may type. A line that a restarting BMC has dropped is opened again.
 */
export class SharedLine {
  readonly #parts: LineParts;
  readonly #abort = new AbortController();
  readonly #taps = new Set<Duplex>();
  #line: Duplex | undefined;
  #past: Buffer = Buffer.alloc(0);

  /** @throws as `open` does. */
  static async open(parts: LineParts, signal: AbortSignal): Promise<SharedLine> {
    const shared = new SharedLine(parts);
    shared.#follow(await parts.open(signal, false));
    return shared;
  }

  private constructor(parts: LineParts) {
    this.#parts = parts;
  }

  /** Whether we have it now, as far as is known. */
  get isOpen(): boolean {
    return this.#line?.destroyed === false;
  }

  /** A way to read and type. Destroying it ends nothing but itself. */
  tap(): Duplex {
    const tap: Duplex = new Duplex({
      read: () => undefined,
      write: (chunk: Buffer, _encoding, done) => {
        // What is typed while the line is away is lost, as on a line that is unplugged.
        const line = this.#line;
        if (!line || line.destroyed || line.write(chunk)) done();
        else onceEither(line, ['drain', 'close'], done);
      },
      destroy: (error, done) => {
        this.#taps.delete(tap);
        done(error);
      },
    });
    if (this.#past.length > 0) tap.push(this.#past);
    this.#taps.add(tap);
    if (this.#abort.signal.aborted) tap.push(null);
    return tap;
  }

  /** Ends the line and every way to it. Idempotent. */
  close(): void {
    this.#abort.abort();
    this.#line?.destroy();
    for (const tap of this.#taps) tap.push(null);
  }

  #follow(line: Duplex): void {
    this.#line = line;
    if (this.#abort.signal.aborted) {
      line.destroy();
      return;
    }
    line.on('data', (chunk: Buffer) => this.#show(chunk));
    line.once('close', () => {
      this.#reopen(line.errored).catch((error: unknown) => this.#giveUp(toGatewayError(error)));
    });
    line.on('error', () => line.destroy());
  }

  async #reopen(why: Error | null): Promise<void> {
    const { signal } = this.#abort;
    if (signal.aborted) return;
    if (why instanceof GatewayError) throw why;
    this.#say('The BMC has dropped the serial line. Opening it again …');
    const { name, open, forgottenMs = FORGOTTEN_MS } = this.#parts;
    const began = performance.now();
    for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(2 * pause, LONGEST_PAUSE_MS)) {
      await sleep(pause, undefined, { signal }).catch(() => undefined);
      if (signal.aborted) return;
      try {
        this.#follow(await inTime(OPENING_MS, signal, name, (each) => open(each, true)));
        this.#say('The serial line is open again.');
        return;
      } catch (error) {
        if (!(error instanceof GatewayError)) throw error;
        const waited = performance.now() - began;
        // Who has it may be ourselves, for as long as the BMC has not noticed either.
        if (error.status === 'console_held' && waited < forgottenMs) continue;
        if (!error.row.retry) throw error;
        if (waited < PATIENCE_MS) continue;
        const message = `${name} has dropped the serial line and does not come back`;
        throw new GatewayError('bmc_lost', message, { cause: error });
      }
    }
  }

  #giveUp(error: GatewayError): void {
    if (this.#abort.signal.aborted) return;
    this.#say(`The serial line has ended: ${error.message}`);
    this.#parts.onFault(error);
    this.close();
  }

  #say(words: string): void {
    this.#show(Buffer.from(`\r\n\u001B[0;7m ${words} \u001B[0m\r\n`));
  }

  #show(chunk: Buffer): void {
    this.#past = remembered(Buffer.concat([this.#past, chunk]));
    for (const tap of this.#taps) {
      if (tap.readableLength > MOST_BEHIND) tap.destroy();
      else tap.push(chunk);
    }
  }
}

/** Calls once, at whichever of these comes first. */
function onceEither(stream: Duplex, events: readonly string[], done: () => void): void {
  const first = (): void => {
    for (const event of events) stream.off(event, first);
    done();
  };
  for (const event of events) stream.on(event, first);
}

/** The last of it, from the beginning of a line: a piece of an escape sequence would be shown as text. */
function remembered(past: Buffer): Buffer {
  if (past.length <= PAST) return past;
  const last = past.subarray(-PAST);
  return last.subarray(last.indexOf(0x0a) + 1);
}
