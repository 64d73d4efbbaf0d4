/**
 * The Guacamole protocol's instructions as strings: `LENGTH.VALUE,LENGTH.VALUE,…;`, the opcode
 * first, lengths in Unicode code points (Guacamole manual, "Guacamole protocol reference").
 * For the few instructions that the gateway speaks itself; the relay never makes strings.
 */

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
  const elements: string[] = [];
  for (let at = 0; at < text.length; ) {
    const start = text.indexOf('.', at) + 1;
    const end = skipCodePoints(text, start, Number(text.slice(at, start - 1)));
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
