/** Below this many it takes longer to come to a word's beginning than is gained. */
const MANY = 16;
/** The highest bit of each byte of a word. */
const HIGHEST_BITS = 0x80808080;

/** The code points of bytes that are well-formed UTF-8, counted a word of four bytes at a time. */
export class CodePoints {
  readonly #bytes: Uint8Array;
  /** All of the memory in which the bytes lie: words begin where it is divisible by four. */
  readonly #words: Int32Array;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#words = new Int32Array(bytes.buffer, 0, bytes.buffer.byteLength >> 2);
  }

  /** Where so many code points end that begin at `from`; `end`, where they go beyond that. */
  after(from: number, count: number, end: number): number {
    const bytes = this.#bytes;
    let at = from;
    let left = count;
    if (left >= MANY) {
      const words = this.#words;
      const offset = bytes.byteOffset;
      for (; (at + offset) % 4 > 0 && at < end; at++) left -= begins(bytes[at] as number);
      const lastWord = (end + offset) >> 2;
      let word = (at + offset) >> 2;
      // A word has four at most.
      for (; left >= 4 && word < lastWord; word++) {
        const four = words[word] as number;
        // 10xxxxxx continues a code point: the highest bit is set, the next is not.
        const continued = four & ~(four << 1) & HIGHEST_BITS;
        // One in each such byte; the product's highest byte is their sum.
        left -= 4 - (Math.imul(continued >>> 7, 0x01010101) >>> 24);
      }
      at = Math.max(at, (word << 2) - offset);
    }
    // The last one goes on until the next one begins.
    for (; at < end; at++) {
      const begun = begins(bytes[at] as number);
      if (left < begun) break;
      left -= begun;
    }
    return at;
  }
}

/** 1 for the first byte of a code point, 0 for the others. */
function begins(byte: number): 0 | 1 {
  return (byte & 0xc0) === 0x80 ? 0 : 1;
}
