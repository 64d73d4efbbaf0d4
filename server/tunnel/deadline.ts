/** setTimeout fires at once past this (2^31 - 1 ms, 24.8 days). */
const LONGEST_TIMER = 2_147_483_647;

/** Calls `passed` at a moment that may be moved, and never after `stop`. */
export class Deadline {
  readonly #passed: () => void;
  #timer: NodeJS.Timeout | undefined;

  constructor(passed: () => void) {
    this.#passed = passed;
  }

  /** Milliseconds since the epoch; a moment that is over counts as now. */
  set(at: number): void {
    this.stop();
    const left = Math.max(0, at - Date.now());
    this.#timer =
      left > LONGEST_TIMER
        ? setTimeout(() => this.set(at), LONGEST_TIMER)
        : setTimeout(this.#passed, left);
  }

  stop(): void {
    clearTimeout(this.#timer);
  }
}
