import type { CodePoints } from './code-points.ts';

const ZERO = 0x30;
const DOT = 0x2e;
const COMMA = 0x2c;
const SEMICOLON = 0x3b;

/** No length that passes a limit has more digits; a longer run of zeros is refused too. */
export const MAX_DIGITS = 10;
/** Digits, the dot, and the first byte of what follows. */
const LONGEST_PREFIX = MAX_DIGITS + 2;

/** What may be watched for, by an opcode's first byte: bit n stands for n bytes, or n + 32. */
export type Firsts = Int32Array;

/**
 * Passes elements that lie whole in a chunk, from length prefix to length prefix: nearly all of guacd's,
 * and nearly all of the time that a scanner takes. So everything is in local variables. It stops before
 * the first element that is anything else: cut, wrong, or an opcode that may be watched for.
 */
export class WholeElements {
  /** Offset of the next element. */
  at = 0;
  /** Whether that is an opcode. */
  inOpcode = true;
  /** Code points of the instruction under way, prefixes and terminators included. */
  total = 0;
  /** Offset just after the last instruction that ended here; -1 for none. */
  ended = -1;

  /**
   * @param codePoints of the chunk; null where each byte is a character.
   * @param end offset where well-formed characters end. Nothing before it may get longer than it may be.
   */
  pass(chunk: Buffer, end: number, firsts: Firsts, codePoints: CodePoints | null): void {
    const lastPrefix = end - LONGEST_PREFIX;
    let { at, inOpcode } = this;
    const began = at - this.total;
    /** Bytes of the instruction under way that begin no character. */
    let surplus = 0;
    let ended = -1;
    while (at < lastPrefix) {
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
    this.total = at - (ended < 0 ? began : ended) - surplus;
    this.at = at;
    this.inOpcode = inOpcode;
    this.ended = ended;
  }
}
