/**
 * The Guacamole protocol's instructions as strings: `LENGTH.VALUE,LENGTH.VALUE,…;`, the opcode
 * first, lengths in Unicode code points (Guacamole manual, "Guacamole protocol reference").
 * For the few instructions that the gateway speaks itself; the relay never makes strings.
 */

const ZERO = 0x30;
const DOT = 0x2e;

/** One instruction, opcode first. */
export function encode(elements: readonly string[]): string {
  return `${elements.map((element) => `${codePointCount(element)}.${element}`).join(',')};`;
}

/**
 * The elements of one whole instruction, opcode first. The bytes must be one that
 * InstructionScanner found whole: nothing is checked again.
 */
export function decode(bytes: Buffer): string[] {
  const text = bytes.toString('utf8');
  // Each byte is a character: as nearly always.
  const plain = text.length === bytes.length;
  const elements: string[] = [];
  for (let at = 0; at < text.length; ) {
    let count = 0;
    for (; at < text.length && text.charCodeAt(at) !== DOT; at++) {
      count = count * 10 + (text.charCodeAt(at) - ZERO);
    }
    const start = at + 1;
    const end = plain ? start + count : skipCodePoints(text, start, count);
    elements.push(text.slice(start, end));
    at = end + 1;
  }
  return elements;
}

function codePointCount(text: string): number {
  let count = 0;
  for (let at = 0; at < text.length; at = skipCodePoints(text, at, 1)) count++;
  return count;
}

function skipCodePoints(text: string, from: number, count: number): number {
  let at = from;
  for (let left = count; left > 0; left--) at += (text.codePointAt(at) ?? 0) > 0xffff ? 2 : 1;
  return at;
}
