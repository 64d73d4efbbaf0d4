import * as z from 'zod/mini';

const text = z.optional(z.string().check(z.maxLength(4096)));

/**
 * Query of noVNC's old page addresses. What else they carry, the host and port of websockify and
 * noVNC's settings, is passed over.
 */
export const tokenLinkQuery = z.looseObject({
  token: text,
  /** Of the WebSocket, with the token in it: `websockify?token=…`. */
  path: text,
  view_only: text,
});
export type TokenLinkQuery = z.infer<typeof tokenLinkQuery>;
