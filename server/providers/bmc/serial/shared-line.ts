import { Duplex } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { GatewayError, toGatewayError } from '../../../errors.ts';

export interface LineParts {
  /** With which its sentences begin. */
  readonly name: string;
  /** Reaches the line; called anew when it was lost. */
  readonly open: (signal: AbortSignal) => Promise<Duplex>;
  /** Told why the line has ended for good. */
  readonly onFault: (error: GatewayError) => void;
}

/** What of the past a newcomer is shown. Bytes */
const PAST = 64 * 1024;
/** A reader that is so far behind reads no more. Bytes */
const MOST_BEHIND = 4 * 1024 * 1024;
/** A BMC takes minutes to restart. ms */
const PATIENCE_MS = 600_000;
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
    shared.#follow(await parts.open(signal));
    return shared;
  }

  private constructor(parts: LineParts) {
    this.#parts = parts;
  }

  /** A way to read and type. Destroying it ends nothing but itself. */
  tap(): Duplex {
    const tap: Duplex = new Duplex({
      read: () => undefined,
      write: (chunk: Buffer, _encoding, done) => {
        // What is typed while the line is away is lost, as on a line that is unplugged.
        if (!this.#line || this.#line.destroyed) done();
        else if (this.#line.write(chunk)) done();
        else this.#line.once('drain', done);
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
    const until = performance.now() + PATIENCE_MS;
    for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(2 * pause, LONGEST_PAUSE_MS)) {
      await sleep(pause, undefined, { signal }).catch(() => undefined);
      if (signal.aborted) return;
      try {
        this.#follow(await this.#parts.open(signal));
        this.#say('The serial line is open again.');
        return;
      } catch (error) {
        if (!(error instanceof GatewayError) || !error.row.retry) throw error;
        if (performance.now() < until) continue;
        const message = `${this.#parts.name} has dropped the serial line and does not come back`;
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

/** The last of it, from the beginning of a line: a piece of an escape sequence would be shown as text. */
function remembered(past: Buffer): Buffer {
  if (past.length <= PAST) return past;
  const last = past.subarray(-PAST);
  return last.subarray(last.indexOf(0x0a) + 1);
}
