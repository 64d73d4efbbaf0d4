/**
 * How long a request may take to arrive, ms: its head, all of it (the largest body is 64 KiB), and between two looks
 * for those that are late. A browser's comes at once; whoever dribbles it holds a place.
 */
export const REQUEST_LIMITS = {
  headersTimeout: 15_000,
  requestTimeout: 20_000,
  connectionsCheckingInterval: 2_000,
};
