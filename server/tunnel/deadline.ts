/** A timer is set anew this often, ms: a clock may be corrected, and a timer's own one drifts. */
const LONGEST_TIMER = 60_000;

/** Calls `passed` at a moment that may be moved, never before it, and never after `stop`. */
export class Deadline {
  readonly #passed: () => void;
  readonly #now: () => number;
  #timer: NodeJS.Timeout | undefined;

  /** `now` in milliseconds since the epoch. */
  constructor(passed: () => void, now: () => number) {
    this.#passed = passed;
    this.#now = now;
  }

  /** Milliseconds since the epoch; a moment that is over counts as now. */
  set(at: number): void {
    this.stop();
    const left = Math.min(Math.max(0, at - this.#now()), LONGEST_TIMER);
    this.#timer = setTimeout(() => {
      if (this.#now() < at) this.set(at);
      else this.#passed();
    }, left);
  }

  stop(): void {
    clearTimeout(this.#timer);
  }
}
