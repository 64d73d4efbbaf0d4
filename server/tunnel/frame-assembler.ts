import { decode } from './instruction.ts';
import type { InstructionScanner } from './instruction-scanner.ts';

/** Bytes of one unfinished instruction that are held back before it goes out in fragments. */
export const HOLD_LIMIT = 128 * 1024;

const EMPTY = Buffer.alloc(0);

export interface FrameSink {
  /** Part of a WebSocket text message; `fin` ends the message, always at an instruction's end. */
  frame(data: Buffer, fin: boolean): void;
  /** A watched instruction; everything before it has gone to `frame`. False swallows it. */
  instruction(elements: string[]): boolean;
}

/**
 * Cuts what guacd sends into WebSocket messages that end at instruction ends, as the browser's
 * tunnel wants them. The unfinished rest is held for the next chunk; an instruction larger than
 * HOLD_LIMIT goes out in fragments, which the browser joins.
 */
export class FrameAssembler {
  readonly #scanner: InstructionScanner;
  readonly #sink: FrameSink;
  #held = EMPTY;
  #heldSize = 0;
  #midMessage = false;

  constructor(scanner: InstructionScanner, sink: FrameSink) {
    this.#scanner = scanner;
    this.#sink = sink;
  }

  /** Returns what was wrong with the bytes (see InstructionScanner.failure), or null. */
  push(chunk: Buffer): string | null {
    const scanner = this.#scanner;
    let from = 0;
    scanner.feed(chunk);
    while (scanner.advance()) {
      const { start, position } = scanner;
      // Begun and partly sent already: too large to be one that anybody watches for.
      if (start < 0 && this.#midMessage) continue;
      if (start > from) this.#give(chunk, from, start, true);
      from = Math.max(start, from);
      const bytes = chunk.subarray(from, position);
      const whole =
        start < 0 ? Buffer.concat([this.#held.subarray(0, this.#heldSize), bytes]) : bytes;
      if (this.#sink.instruction(decode(whole))) continue;
      this.#release();
      from = position;
    }
    if (scanner.lastEnd > from) {
      this.#give(chunk, from, scanner.lastEnd, true);
      from = scanner.lastEnd;
    }
    if (scanner.failure === null && from < chunk.length) this.#hold(chunk, from);
    return scanner.failure;
  }

  #give(chunk: Buffer, from: number, to: number, fin: boolean): void {
    const bytes = chunk.subarray(from, to);
    const data =
      this.#heldSize === 0 ? bytes : Buffer.concat([this.#held.subarray(0, this.#heldSize), bytes]);
    this.#release();
    this.#midMessage = !fin;
    this.#sink.frame(data, fin);
  }

  #hold(chunk: Buffer, from: number): void {
    const size = this.#heldSize + chunk.length - from;
    if (size >= HOLD_LIMIT) return this.#give(chunk, from, chunk.length, false);
    if (size > this.#held.length) {
      const larger = Buffer.allocUnsafe(Math.min(HOLD_LIMIT, size * 2));
      this.#held.copy(larger, 0, 0, this.#heldSize);
      this.#held = larger;
    }
    chunk.copy(this.#held, this.#heldSize, from);
    this.#heldSize = size;
  }

  #release(): void {
    this.#held = EMPTY;
    this.#heldSize = 0;
  }
}
