import { repeat } from './repeat.ts';

export interface SharedClockParts {
  /** The time that all replicas share, milliseconds since the epoch: Redis's. */
  readonly readTime: () => Promise<number>;
  /** Told once for each time that this machine's own clock is found to be this much ahead, ms. */
  readonly onWrong: (aheadMs: number) => void;
  /** The machine's own clock; milliseconds since the epoch. */
  readonly local: () => number;
  /** Milliseconds since any moment; nobody sets it. */
  readonly monotonic: () => number;
}

/** What the shared time was at the monotonic clock's zero, and by how much that may be wrong. */
interface Reading {
  readonly zero: number;
  readonly error: number;
  readonly at: number;
}

/** Readings of one measurement; the one with the shortest way is the best. */
const SAMPLES = 4;
const REFRESH_MS = 10_000;
/** By how much a monotonic clock drifts at the worst: 200 parts in a million. */
const DRIFT = 2e-4;
/** What a replica's clock may differ by without anybody having to know. */
const TOLERABLE_MS = 1000;

/**
 * One clock for all replicas: Redis's, carried on by the monotonic clock between the measurements
 * and while Redis is away. Until the first one it is this machine's own.
 */
export class SharedClock {
  readonly #parts: SharedClockParts;
  #known: Reading | undefined;
  #wrong = false;

  constructor(parts: SharedClockParts) {
    this.#parts = parts;
  }

  /** Milliseconds since the epoch, whole ones. */
  readonly now = (): number => {
    const { local, monotonic } = this.#parts;
    return Math.round(this.#known ? this.#known.zero + monotonic() : local());
  };

  /** Measures again and again. @returns how to stop. */
  start(): () => Promise<void> {
    return repeat(REFRESH_MS, () => this.measure());
  }

  /** Never throws: while Redis is away what is known goes on. */
  async measure(): Promise<void> {
    try {
      for (let sample = 0; sample < SAMPLES; sample += 1) this.#consider(await this.#read());
    } catch {
      return;
    }
    const { local, onWrong } = this.#parts;
    const ahead = Math.round(local() - this.now());
    const wrong = Math.abs(ahead) > TOLERABLE_MS;
    if (wrong && !this.#wrong) onWrong(ahead);
    this.#wrong = wrong;
  }

  async #read(): Promise<Reading> {
    const { readTime, monotonic } = this.#parts;
    const before = monotonic();
    const time = await readTime();
    const at = monotonic();
    const error = (at - before) / 2;
    return { zero: time - (before + error), error, at };
  }

  /** A worse reading is taken only where it shows that a clock was set, or a machine slept. */
  #consider(read: Reading): void {
    const known = this.#known;
    if (known) {
      const error = known.error + (read.at - known.at) * DRIFT;
      const agree = Math.abs(read.zero - known.zero) <= error + read.error;
      if (agree && read.error >= error) return;
    }
    this.#known = read;
  }
}
