import * as z from 'zod/mini';
import { closeUrl } from './console.ts';
import { consoleKind } from './machine.ts';
import { purpose } from './policy.ts';
import { line } from './line.ts';

/**
 * The claims of a launch link (`GET /launch?jwt=…`), which a portal signs. Times are seconds since
 * the epoch. A claim that is not known is refused: a misspelt `readOnly` would give full control.
 */
export const launchClaims = z.strictObject({
  iss: z.string(),
  /** The user for whom the console is opened. */
  sub: line(128),
  machine: z.string().check(z.minLength(1), z.maxLength(256)),
  kind: z.optional(consoleKind),
  readOnly: z.optional(z.boolean()),
  purpose: z.optional(purpose),
  closeUrl: z.optional(closeUrl),
  exp: z.number(),
  /** Any text that no other link of this portal has. */
  jti: z.string().check(z.minLength(1), z.maxLength(128)),
  iat: z.optional(z.number()),
  nbf: z.optional(z.number()),
  /** The gateway's publicUrl, where the portal names it. */
  aud: z.optional(z.union([z.string(), z.array(z.string())])),
});
export type LaunchClaims = z.infer<typeof launchClaims>;

/** What else a portal's link carries is passed over. */
export const launchQuery = z.looseObject({ jwt: z.string() });
