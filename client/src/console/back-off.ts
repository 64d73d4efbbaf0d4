/** Seconds before each attempt to reconnect; the last one repeats. */
const DELAYS = [1, 2, 4, 8, 15] as const;

/** A connection that held this long (milliseconds) starts the back-off from its beginning. */
export const STEADY = 10_000;

/**
 * Milliseconds to wait after so many failures in a row (1 or more). `luck` (0 to 1) makes it up to half as
 * long again: pages that a gateway has sent away together do not come to the next one in one moment.
 */
export function backOff(failures: number, luck: number): number {
  const index = Math.min(Math.max(failures, 1), DELAYS.length) - 1;
  return Math.round((DELAYS[index] ?? 15) * 1000 * (1 + luck / 2));
}
