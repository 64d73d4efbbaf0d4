import type { CodePoints } from './code-points.ts';
import { type Firsts, LONGEST_PREFIX, MAX_DIGITS } from './elements.ts';
import { passSideBySide } from './side-by-side.ts';

// Here, for V8 looks up what is imported each time that it is used.
const ZERO = 0x30;
const DOT = 0x2e;
const COMMA = 0x2c;
const SEMICOLON = 0x3b;

/** Bytes from which on two halves are passed side by side. */
const WORTH_HALVING = 2048;
/** Within so many bytes of the middle an instruction ends, where elements are small. */
const NEAR_MIDDLE = 256;
const NONE = -1;
const EMPTY = Buffer.alloc(0);

/**
 * Passes elements that lie whole in a chunk, from length prefix to length prefix: nearly all of guacd's,
 * and nearly all of the time that a scanner takes. So everything is in local variables. It stops before
 * the first element that is anything else: cut, wrong, or an opcode that may be watched for.
 *
 * The second half is passed beside the first, from what looks like an instruction's beginning. If the
 * first half does not end right there, that was content, and what came of it is forgotten.
 */
export class WholeElements {
  /** Offset of the next element. */
  at = 0;
  /** Whether that is an opcode. */
  inOpcode = true;
  /** Code points of the instruction under way, prefixes and terminators included. */
  total = 0;
  /** Offset just after the last instruction that ended here; -1 for none. */
  ended = NONE;
  #chunk: Buffer = EMPTY;
  #codePoints: CodePoints | null = null;
  #end = 0;
  /** Where the chunk's second half begins; NONE when it is not ahead, or not looked for. */
  #middle = NONE;
  #view: DataView | null = null;
  readonly #second = { at: 0, ended: NONE };

  /**
   * What follows is about this chunk.
   *
   * @param codePoints of the chunk; null where each byte is a character.
   * @param end offset where well-formed characters end.
   */
  begin(chunk: Buffer, end: number, codePoints: CodePoints | null): void {
    this.#chunk = chunk;
    this.#end = end;
    this.#codePoints = codePoints;
    this.#middle = codePoints === null ? beginningNearMiddle(chunk) : NONE;
    // What it looked at before is not to be kept.
    this.#view = null;
    if (this.#middle === NONE) return;
    this.#view = new DataView(chunk.buffer, chunk.byteOffset, end);
    this.#second.at = this.#middle;
    this.#second.ended = this.#middle;
  }

  /** From `at` on. Nothing in the chunk may get longer than it may be. */
  pass(firsts: Firsts): void {
    const began = this.at - this.total;
    this.ended = NONE;
    if (this.#middle !== NONE) this.#passFirstHalf(firsts);
    const surplus = this.#walk(this.#end - LONGEST_PREFIX, firsts);
    this.total = this.at - (this.ended === NONE ? began : this.ended) - surplus;
  }

  #passFirstHalf(firsts: Firsts): void {
    const middle = this.#middle;
    // The first byte has no terminator before it.
    if (this.at === 0) this.#walk(1, firsts);
    if (this.at > 0 && this.at < middle) {
      this.#passHalves(firsts);
      this.#walk(middle, firsts);
    }
    if (this.at < middle) return;
    if (this.at === middle && this.inOpcode) {
      // It was an instruction's beginning indeed.
      this.at = this.#second.at;
      this.ended = this.#second.ended;
      this.inOpcode = this.at === this.ended;
    }
    this.#middle = NONE;
  }

  #passHalves(firsts: Firsts): void {
    if (this.#view === null) return;
    const before = this.at;
    passSideBySide(this.#view, this, this.#second, this.#middle, firsts);
    if (this.at !== before) this.inOpcode = this.at === this.ended;
  }

  /**
   * Passes elements that begin before `stop`.
   *
   * @returns how many bytes of the instruction under way begin no character.
   */
  #walk(stop: number, firsts: Firsts): number {
    const chunk = this.#chunk;
    const end = this.#end;
    const codePoints = this.#codePoints;
    let { at, inOpcode, ended } = this;
    let surplus = 0;
    while (at < stop) {
      let length = (chunk[at] as number) - ZERO;
      if (length < 0 || length > 9) break;
      let next = at + 2;
      let digit = (chunk[at + 1] as number) - ZERO;
      while (digit >= 0 && digit <= 9 && next - at <= MAX_DIGITS) {
        length = length * 10 + digit;
        digit = (chunk[next++] as number) - ZERO;
      }
      if (digit !== DOT - ZERO) break;
      if (inOpcode && (firsts[chunk[next] as number] as number) & (1 << length)) break;
      const after = codePoints === null ? next + length : codePoints.after(next, length, end);
      if (after >= end) break;
      const terminator = chunk[after];
      if (terminator !== COMMA && terminator !== SEMICOLON) break;
      at = after + 1;
      inOpcode = terminator === SEMICOLON;
      if (inOpcode) {
        ended = at;
        surplus = 0;
      } else if (codePoints !== null) surplus += after - next - length;
    }
    this.at = at;
    this.inOpcode = inOpcode;
    this.ended = ended;
    return surplus;
  }
}

/** Where an instruction may begin in the middle; NONE where none seems to, or it is not worth it. */
function beginningNearMiddle(chunk: Buffer): number {
  if (chunk.length < WORTH_HALVING) return NONE;
  const middle = chunk.length >> 1;
  for (let at = middle; at < middle + NEAR_MIDDLE; at++) if (chunk[at] === SEMICOLON) return at + 1;
  return NONE;
}
