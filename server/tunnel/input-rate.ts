/** A bucket that fills by so much a second up to a brim, and is drained by what somebody sends. */
export class InputRate {
  readonly #perSecond: number;
  readonly #burst: number;
  #left: number;
  #at: number;

  /** `now`: milliseconds of a clock that never goes back, the same in `take`. */
  constructor(perSecond: number, burst: number, now: number) {
    this.#perSecond = perSecond;
    this.#burst = burst;
    this.#left = burst;
    this.#at = now;
  }

  /** False when so much is more than there is left. */
  take(cost: number, now: number): boolean {
    const filled = this.#left + ((now - this.#at) / 1000) * this.#perSecond;
    this.#left = Math.min(this.#burst, filled) - cost;
    this.#at = now;
    return this.#left >= 0;
  }
}
