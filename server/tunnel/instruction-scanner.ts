import { isAscii, isUtf8 } from 'node:buffer';
import { CodePoints } from './code-points.ts';
import { type Firsts, MAX_DIGITS } from './elements.ts';
import { WholeElements } from './whole-elements.ts';

// Here, for V8 looks up what is imported each time that it is used.
const ZERO = 0x30;
const NINE = 0x39;
const DOT = 0x2e;
const COMMA = 0x2c;
const SEMICOLON = 0x3b;

const LENGTH = 0;
const CONTENT = 1;
const TERMINATOR = 2;
type State = typeof LENGTH | typeof CONTENT | typeof TERMINATOR;

const EMPTY = Buffer.alloc(0);
const EVERY_FIRST: Firsts = new Int32Array(256).fill(-1);

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
  /** Largest instruction, in code points with its prefixes. Within a chunk it may only be raised. */
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
  /** Whether each byte of the chunk is a character. */
  #ascii = true;
  /** Null is every opcode. */
  #watched: ReadonlySet<number> | null = null;
  #watchedFirsts: Firsts = EVERY_FIRST;
  readonly #whole = new WholeElements();
  #state: State = LENGTH;
  #length = 0;
  #digits = 0;
  /** Code points of the element that are still to come. */
  #remaining = 0;
  /** Code points of the instruction so far, prefixes and terminators included. */
  #total = 0;
  #inOpcode = true;
  #hash = 0;
  /** Whether the instruction under way is watched for, once its opcode is known. */
  #stops = false;
  #began = 0;
  // A UTF-8 character under way: continuation bytes to come, and the range of the next one.
  #continuations = 0;
  #lowest = 0x80;
  #highest = 0xbf;

  constructor(limit: number, watched: readonly string[] | 'all') {
    this.limit = limit;
    this.watch(watched);
  }

  /**
   * Which instructions `advance` stops at. Opcodes are compared by a hash: the caller looks at the
   * instruction's own opcode before it acts. Within a chunk there may become fewer of them, not more.
   */
  watch(opcodes: readonly string[] | 'all'): void {
    if (opcodes === 'all') {
      this.#watched = null;
      this.#watchedFirsts = EVERY_FIRST;
      return;
    }
    const bytes = opcodes.map((opcode) => Buffer.from(opcode));
    const firsts = new Int32Array(256);
    for (const opcode of bytes) {
      const first = opcode[0] ?? 0;
      firsts[first] = (firsts[first] ?? 0) | (1 << opcode.length);
    }
    this.#watched = new Set(bytes.map((each) => each.reduce(mix, 0)));
    this.#watchedFirsts = firsts;
  }

  feed(chunk: Buffer): void {
    this.#began -= this.#chunk.length;
    this.start = this.#began;
    this.#chunk = chunk;
    this.#ascii = isAscii(chunk);
    if (this.#ascii) {
      this.#whole.begin(chunk, chunk.length, null);
    } else {
      this.#whole.begin(chunk, wellFormedEnd(chunk), new CodePoints(chunk));
    }
    this.position = 0;
    this.lastEnd = 0;
  }

  /** True: stopped just after a watched instruction, `start` to `position`. False: chunk is done. */
  advance(): boolean {
    const chunk = this.#chunk;
    this.start = this.#began;
    while (this.position < chunk.length && this.failure === null) {
      if (this.#state === LENGTH) {
        if (this.#digits === 0 && (this.#inOpcode || !this.#stops)) this.#passWhole(chunk);
        this.#readLength(chunk);
      } else if (this.#state === CONTENT) this.#skipContent(chunk);
      else if (this.#readTerminator(chunk)) return true;
    }
    return false;
  }

  /** The same as the other three, for elements that lie whole in the chunk. */
  #passWhole(chunk: Buffer): void {
    const whole = this.#whole;
    // Near the limit each element is looked at by itself.
    if (this.#total + chunk.length > this.limit) return;
    whole.at = this.position;
    whole.inOpcode = this.#inOpcode;
    whole.total = this.#total;
    whole.pass(this.#watchedFirsts);
    if (whole.ended >= 0) {
      this.#began = whole.ended;
      this.lastEnd = whole.ended;
    }
    // What lies behind an opcode here is not watched for, or this would not have passed it.
    if (!whole.inOpcode) this.#stops = false;
    this.position = whole.at;
    this.#inOpcode = whole.inOpcode;
    this.#total = whole.total;
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
    if (this.#inOpcode) {
      this.#stops = this.#watched?.has(this.#hash) ?? true;
      this.#hash = 0;
    }
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
    this.#total = 0;
    this.start = this.#began;
    this.#began = this.position;
    this.lastEnd = this.position;
    return this.#stops;
  }

  #fail(what: string): void {
    this.failure = what;
  }
}

function mix(hash: number, byte: number): number {
  return (Math.imul(hash, 31) + byte) | 0;
}

/**
 * Offset up to which the chunk is whole, well-formed characters, but for a first one that is cut; 0 where
 * it is not well-formed in between.
 */
function wellFormedEnd(chunk: Buffer): number {
  let from = 0;
  while (from < 3 && isContinuation(chunk[from])) from++;
  let to = chunk.length;
  for (let at = to - 1; at >= Math.max(0, to - 3); at--) {
    if (isContinuation(chunk[at])) continue;
    if ((chunk[at] as number) >= 0xc0) to = at;
    break;
  }
  return to > from && isUtf8(chunk.subarray(from, to)) ? to : 0;
}

function isContinuation(byte: number | undefined): boolean {
  return byte !== undefined && (byte & 0xc0) === 0x80;
}
