import { type Firsts, LONGEST_PREFIX } from './elements.ts';

// Here, for V8 looks up what is imported each time that it is used.
const ZERO = 0x30;
const DOT = 0x2e;
const COMMA = 0x2c;
const SEMICOLON = 0x3b;

/** How far elements were passed. */
export interface Passed {
  /** Offset of the next element. */
  at: number;
  /** Offset just after the last instruction that ended; -1 for none. */
  ended: number;
}

/**
 * Passes elements in two places of a chunk of single bytes at the same time, for a processor waits for
 * the length of each before it knows where the next one begins. Both places are to be just behind a
 * terminator. Stops when the first reaches `middle`, or one of them anything but an element of less than a
 * hundred bytes that lies whole in the chunk and is not watched for; where it stops, the last element of
 * each may be left, to be looked at again.
 */
export function passSideBySide(
  chunk: DataView,
  first: Passed,
  second: Passed,
  middle: number,
  firsts: Firsts,
): void {
  const last = chunk.byteLength - LONGEST_PREFIX;
  // Terminators: those that are looked at, and those of which it is known that they are.
  let one = first.at - 1;
  let two = second.at - 1;
  let known = one;
  let known2 = two;
  let { ended } = first;
  let ended2 = second.ended;
  while (one < middle && two < last) {
    // A terminator, and the three bytes behind it: a length of a digit or two, and its dot.
    const bytes = chunk.getInt32(one, true);
    const bytes2 = chunk.getInt32(two, true);
    let length = ((bytes >>> 8) & 0xff) - ZERO;
    let length2 = ((bytes2 >>> 8) & 0xff) - ZERO;
    if (length < 0 || length > 9 || length2 < 0 || length2 > 9) break;
    let content = one + 3;
    let content2 = two + 3;
    const behind = (bytes >>> 16) & 0xff;
    const behind2 = (bytes2 >>> 16) & 0xff;
    if (behind !== DOT) {
      const digit = behind - ZERO;
      if (digit < 0 || digit > 9 || bytes >>> 24 !== DOT) break;
      length = length * 10 + digit;
      content++;
    }
    if (behind2 !== DOT) {
      const digit = behind2 - ZERO;
      if (digit < 0 || digit > 9 || bytes2 >>> 24 !== DOT) break;
      length2 = length2 * 10 + digit;
      content2++;
    }
    const terminator = bytes & 0xff;
    const terminator2 = bytes2 & 0xff;
    if (terminator === SEMICOLON) {
      if (behind !== DOT || (firsts[bytes >>> 24] as number) & (1 << length)) break;
      ended = one + 1;
    } else if (terminator !== COMMA) break;
    if (terminator2 === SEMICOLON) {
      if (behind2 !== DOT || (firsts[bytes2 >>> 24] as number) & (1 << length2)) break;
      ended2 = two + 1;
    } else if (terminator2 !== COMMA) break;
    known = one;
    known2 = two;
    one = content + length;
    two = content2 + length2;
  }
  first.at = Math.max(known + 1, ended);
  first.ended = ended;
  second.at = Math.max(known2 + 1, ended2);
  second.ended = ended2;
}
