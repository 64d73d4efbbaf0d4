/** Milliseconds. */
const LONGEST = 900_000;

/**
 * How long to wait after a try that failed: doubled each time, up to a quarter of an hour, and up to
 * a fifth less, so that calls that failed together do not come back together. Milliseconds.
 *
 * @param random from 0 to 1.
 */
export function retryDelay(failed: number, first: number, random: number): number {
  const wait = Math.min(first * 2 ** (failed - 1), LONGEST);
  return Math.round(wait * (1 - random / 5));
}
