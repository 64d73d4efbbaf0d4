import { GatewayError } from '../errors.ts';

/** Streams of one console that one browser or program follows at a time, and all together. */
const MOST_EACH = 8;
const MOST_IN_ALL = 64;

/** How many follow each console on this replica: every event is written to each of them. */
export class StreamPlaces {
  readonly #taken = new Map<string, string[]>();

  /**
   * @param who whatever tells one who looks from another.
   * @returns how to give the place back.
   * @throws GatewayError `rate_limited`
   */
  take(console: string, who: string): () => void {
    const all = this.#taken.get(console) ?? [];
    const own = all.filter((one) => one === who);
    if (own.length >= MOST_EACH || all.length >= MOST_IN_ALL) {
      throw new GatewayError('rate_limited', 'too many streams of events of this console');
    }
    this.#taken.set(console, [...all, who]);
    return () => this.#giveBack(console, who);
  }

  #giveBack(console: string, who: string): void {
    const all = this.#taken.get(console) ?? [];
    const left = all.toSpliced(all.indexOf(who), 1);
    if (left.length > 0) this.#taken.set(console, left);
    else this.#taken.delete(console);
  }
}
