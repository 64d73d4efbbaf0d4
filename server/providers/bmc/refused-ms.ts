/** BMCs lock an account after a few wrong passwords: we do not hurry. ms */
export const REFUSED_MS = 300_000;
