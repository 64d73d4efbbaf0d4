/**
 * Time that any number of waits have taken, those that still last included: each takes its beginning
 * away and adds its end, and those between are known by their number alone.
 */
export class WaitingTime {
  #sum = 0;
  #waits = 0;

  /** Milliseconds of any clock that never goes back, the same in all three calls. */
  begin(now: number): void {
    this.#sum -= now;
    this.#waits++;
  }

  /** Once for each `begin`. */
  end(now: number): void {
    this.#sum += now;
    this.#waits--;
  }

  /** So far, in milliseconds. */
  total(now: number): number {
    return this.#sum + this.#waits * now;
  }
}
