import { isAscii } from 'node:buffer';

const LENGTH = 0;
const CONTENT = 1;
const TERMINATOR = 2;
type State = typeof LENGTH | typeof CONTENT | typeof TERMINATOR;

const ZERO = 0x30;
const NINE = 0x39;
const DOT = 0x2e;
const COMMA = 0x2c;
const SEMICOLON = 0x3b;
const EMPTY = Buffer.alloc(0);

/** No length that passes the limit has more digits; a longer run of zeros is refused too. */
const MAX_DIGITS = 10;

/**
 * Finds the ends of Guacamole instructions in a stream of bytes by jumping from length prefix to
 * length prefix; never makes a string, never looks for `;`. All state is carried from chunk to
 * chunk, so a split instruction, a split character and one-byte segments are the same case.
 *
 * Use: `feed(chunk)`, then `advance()` until it returns false, then read `lastEnd` and `failure`.
 * Offsets are relative to the chunk that was fed last; `start` is negative when the instruction
 * began in an earlier one.
 */
export class InstructionScanner {
  /** Largest instruction, in code points with its prefixes. May be changed between two chunks. */
  limit: number;
  /** Offset at which the instruction under way, or just ended, begins. */
  start = 0;
  /** Offset of the first byte not looked at yet. */
  position = 0;
  /** Offset just after the last whole instruction of this chunk; 0 when none ended in it. */
  lastEnd = 0;
  /** What was wrong with the bytes, in words that follow "sent"; once set, nothing goes on. */
  failure: string | null = null;

  #chunk: Buffer = EMPTY;
  #ascii = true;
  #watched: ReadonlySet<number> | null;
  #state: State = LENGTH;
  #length = 0;
  #digits = 0;
  /** Code points of the element that are still to come. */
  #remaining = 0;
  /** Code points of the instruction so far, prefixes and terminators included. */
  #total = 0;
  #inOpcode = true;
  #hash = 0;
  #began = 0;
  // A UTF-8 character under way: continuation bytes to come, and the range of the next one.
  #continuations = 0;
  #lowest = 0x80;
  #highest = 0xbf;

  constructor(limit: number, watched: readonly string[] | 'all') {
    this.limit = limit;
    this.#watched = hashes(watched);
  }

  /**
   * Which instructions `advance` stops at. Opcodes are compared by a hash: the caller looks at the
   * instruction's own opcode before it acts.
   */
  watch(opcodes: readonly string[] | 'all'): void {
    this.#watched = hashes(opcodes);
  }

  feed(chunk: Buffer): void {
    this.#began -= this.#chunk.length;
    this.start = this.#began;
    this.#chunk = chunk;
    this.#ascii = isAscii(chunk);
    this.position = 0;
    this.lastEnd = 0;
  }

  /** True: stopped just after a watched instruction, `start` to `position`. False: chunk is done. */
  advance(): boolean {
    const chunk = this.#chunk;
    this.start = this.#began;
    while (this.position < chunk.length && this.failure === null) {
      if (this.#state === LENGTH) this.#readLength(chunk);
      else if (this.#state === CONTENT) this.#skipContent(chunk);
      else if (this.#readTerminator(chunk)) return true;
    }
    return false;
  }

  #readLength(chunk: Buffer): void {
    while (this.position < chunk.length) {
      const byte = chunk[this.position++] as number;
      if (byte >= ZERO && byte <= NINE) {
        this.#length = this.#length * 10 + (byte - ZERO);
        if (++this.#digits > MAX_DIGITS) return this.#fail('an element length of too many digits');
      } else if (byte === DOT && this.#digits > 0) {
        this.#total += this.#length + this.#digits + 2;
        if (this.#total > this.limit) {
          return this.#fail(`an instruction longer than ${this.limit} characters`);
        }
        this.#remaining = this.#length;
        this.#state = this.#length === 0 ? TERMINATOR : CONTENT;
        return;
      } else {
        return this.#fail('something other than a number where an element length belongs');
      }
    }
  }

  #skipContent(chunk: Buffer): void {
    const from = this.position;
    if (this.#ascii && this.#continuations === 0) {
      const taken = Math.min(this.#remaining, chunk.length - from);
      this.position += taken;
      this.#remaining -= taken;
    } else {
      this.#skipCharacters(chunk);
    }
    if (this.#inOpcode) {
      for (let at = from; at < this.position; at++) {
        this.#hash = mix(this.#hash, chunk[at] as number);
      }
    }
    if (this.#remaining === 0) this.#state = TERMINATOR;
  }

  /** The well-formed byte sequences of The Unicode Standard, table 3-7. */
  #skipCharacters(chunk: Buffer): void {
    let at = this.position;
    let remaining = this.#remaining;
    while (remaining > 0 && at < chunk.length) {
      const byte = chunk[at] as number;
      if (this.#continuations > 0) {
        if (byte < this.#lowest || byte > this.#highest) return this.#fail('invalid UTF-8');
        this.#lowest = 0x80;
        this.#highest = 0xbf;
        if (--this.#continuations === 0) remaining--;
      } else if (byte < 0x80) {
        remaining--;
      } else if (!this.#beginCharacter(byte)) {
        return this.#fail('invalid UTF-8');
      }
      at++;
    }
    this.position = at;
    this.#remaining = remaining;
  }

  #beginCharacter(byte: number): boolean {
    if (byte < 0xc2 || byte > 0xf4) return false;
    this.#continuations = byte < 0xe0 ? 1 : byte < 0xf0 ? 2 : 3;
    if (byte === 0xe0) this.#lowest = 0xa0;
    else if (byte === 0xed) this.#highest = 0x9f;
    else if (byte === 0xf0) this.#lowest = 0x90;
    else if (byte === 0xf4) this.#highest = 0x8f;
    return true;
  }

  /** True at the end of a watched instruction. */
  #readTerminator(chunk: Buffer): boolean {
    const byte = chunk[this.position++];
    const hash = this.#hash;
    this.#state = LENGTH;
    this.#length = 0;
    this.#digits = 0;
    this.#inOpcode = false;
    if (byte === COMMA) return false;
    if (byte !== SEMICOLON) {
      this.#fail('an element that does not end where its length says');
      return false;
    }
    this.#inOpcode = true;
    this.#hash = 0;
    this.#total = 0;
    this.start = this.#began;
    this.#began = this.position;
    this.lastEnd = this.position;
    return this.#watched === null || this.#watched.has(hash);
  }

  #fail(what: string): void {
    this.failure = what;
  }
}

function mix(hash: number, byte: number): number {
  return (Math.imul(hash, 31) + byte) | 0;
}

function hashes(opcodes: readonly string[] | 'all'): ReadonlySet<number> | null {
  return opcodes === 'all'
    ? null
    : new Set(opcodes.map((opcode) => Buffer.from(opcode).reduce(mix, 0)));
}
