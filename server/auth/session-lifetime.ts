/** Where Redis keeps sessions, by their ids. */
export const SESSION_PREFIX = 'rackside:session:';

/** How long somebody who signed in stays so. */
export const SESSION_TTL_MS = 7_200_000;
