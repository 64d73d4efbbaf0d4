import { GatewayError } from '../errors.ts';

/** Streams of one console that one browser or program follows at a time. */
const MOST = 8;

/**
 * How many streams each has of a console on this replica: every event is written to each of them. None
 * are counted for all together, so that viewers do not take the holder's.
 */
export class StreamPlaces {
  readonly #taken = new Map<string, number>();

  /**
   * @param who whatever tells one who looks from another.
   * @returns how to give the place back.
   * @throws GatewayError `rate_limited`
   */
  take(console: string, who: string): () => void {
    const key = `${console} ${who}`;
    const taken = this.#taken.get(key) ?? 0;
    if (taken >= MOST) {
      throw new GatewayError('rate_limited', 'too many streams of events of this console');
    }
    this.#taken.set(key, taken + 1);
    return () => this.#giveBack(key);
  }

  #giveBack(key: string): void {
    const left = (this.#taken.get(key) ?? 0) - 1;
    if (left > 0) this.#taken.set(key, left);
    else this.#taken.delete(key);
  }
}
