/** A source of chance that gives the same again for the same seed: mulberry32. */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed | 0;
  }

  /** One that depends on what the bytes are alone: a case is whole in its file (FNV-1a). */
  static of(bytes: Buffer): Random {
    let hash = 0x811c9dc5;
    for (const byte of bytes) hash = Math.imul(hash ^ byte, 0x01000193);
    return new Random(hash);
  }

  /** A whole number from 0 to below `end`. */
  below(end: number): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * end);
  }

  /** @throws RangeError for nothing to pick from. */
  pick<T>(from: readonly T[]): T {
    const picked = from[this.below(from.length)];
    if (picked === undefined) throw new RangeError('there is nothing to pick from');
    return picked;
  }

  /** The bytes in pieces, of which some are empty. */
  cut(bytes: Buffer): Buffer[] {
    const places = Array.from({ length: this.below(12) }, () => this.below(bytes.length + 1));
    places.sort((one, other) => one - other);
    return [0, ...places].map((from, index) => bytes.subarray(from, places[index] ?? bytes.length));
  }
}
