import { decode } from './instruction.ts';
import type { InstructionScanner } from './instruction-scanner.ts';
import { HEADER_ROOM, OWN_SIZE, type ReadBuffers } from './read-buffers.ts';

/** Bytes of one unfinished instruction that are held back before it goes out in fragments. */
export const HOLD_LIMIT = OWN_SIZE / 2;
/** A read of so many bytes tells a session that streams from one that is quiet. */
const STREAMS = 16 * 1024;

export interface FrameSink {
  /**
   * Part of a WebSocket text message, `buffer` from `start` to `end`; `fin` ends the message, always at
   * an instruction's end. `own`: the buffer may be lent.
   *
   * @returns false when it is.
   */
  frame(buffer: Buffer, start: number, end: number, fin: boolean, own: boolean): boolean;
  /** A watched instruction; everything before it has gone to `frame`. False swallows it. */
  instruction(elements: string[]): boolean;
}

/**
 * Cuts what guacd sends into WebSocket messages that end at instruction ends, as the browser's
 * tunnel wants them. An unfinished rest moves to the front of the next buffer, so that a message lies
 * in one piece; an instruction larger than HOLD_LIMIT goes out in fragments, which the browser joins.
 *
 * Use: read into `room()`, then say by `read` how much it was.
 */
export class FrameAssembler {
  readonly #scanner: InstructionScanner;
  readonly #sink: FrameSink;
  readonly #buffers: ReadBuffers;
  /** Null while the session is quiet and reads into the shared one. */
  #own: Buffer | null = null;
  /** Bytes of an unfinished instruction, at the front of `#own`. */
  #held = 0;
  #midMessage = false;
  #over = false;

  constructor(scanner: InstructionScanner, sink: FrameSink, buffers: ReadBuffers) {
    this.#scanner = scanner;
    this.#sink = sink;
    this.#buffers = buffers;
  }

  /** Where the next bytes go; to be asked anew after each read. */
  room(): Buffer {
    return (this.#own ?? this.#buffers.shared).subarray(HEADER_ROOM + this.#held);
  }

  /** Returns what was wrong with the bytes (see InstructionScanner.failure), or null. */
  read(count: number): string | null {
    const scanner = this.#scanner;
    const buffer = this.#own ?? this.#buffers.shared;
    const from = HEADER_ROOM + this.#held;
    const to = from + count;
    let cut = HEADER_ROOM;
    const give = (end: number, fin: boolean): void => {
      this.#midMessage = !fin;
      const free = this.#sink.frame(buffer, cut, end, fin, this.#own !== null);
      if (!free) this.#own = null;
      cut = end;
    };
    scanner.feed(buffer.subarray(from, to));
    while (scanner.advance()) {
      const start = from + scanner.start;
      // Begun and partly sent already: too large to be one that anybody watches for.
      if (scanner.start < 0 && this.#midMessage) continue;
      if (start > cut) give(start, true);
      const end = from + scanner.position;
      if (!this.#sink.instruction(decode(buffer.subarray(cut, end)))) cut = end;
    }
    if (from + scanner.lastEnd > Math.max(cut, from)) give(from + scanner.lastEnd, true);
    if (to - cut > HOLD_LIMIT) give(to, false);
    this.#keep(buffer, cut, to);
    if (this.#over || scanner.failure !== null) this.close();
    else if (this.#held === 0) this.#choose(count >= STREAMS);
    return scanner.failure;
  }

  /** What was begun goes nowhere any more. Also while a watched instruction is looked at. */
  close(): void {
    this.#over = true;
    this.#held = 0;
    this.#giveBack();
  }

  /** The rest goes to where the next read continues it. */
  #keep(buffer: Buffer, from: number, to: number): void {
    this.#held = to - from;
    if (this.#held === 0) return;
    this.#own ??= this.#buffers.take();
    buffer.copy(this.#own, HEADER_ROOM, from, to);
  }

  #choose(streams: boolean): void {
    if (streams) this.#own ??= this.#buffers.take();
    else this.#giveBack();
  }

  #giveBack(): void {
    if (this.#own) this.#buffers.give(this.#own);
    this.#own = null;
  }
}
