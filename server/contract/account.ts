import * as z from 'zod/mini';
import { loginRequest } from './session.ts';

const { password } = loginRequest.shape;
/** Six digits of the authenticator, or a recovery code. */
const code = z.string().check(z.minLength(6), z.maxLength(16));

/** Body of `POST /me/totp`: whoever only finds an open browser cannot enrol a phone of theirs. */
export const totpBegin = z.strictObject({ password });

/** Body of `POST /me/totp/confirm`. */
export const totpConfirm = z.strictObject({ code });

/** Body of what weakens or replaces the second factor: both of them, once more. */
export const totpProof = z.strictObject({ password, code });

/** How it stands with the caller's second factor. `since` is null where there is none. */
export const totpStatus = z.object({
  active: z.boolean(),
  /** False for who signs in at a provider, which asks for a second factor itself. */
  available: z.boolean(),
  required: z.boolean(),
  since: z.nullable(z.iso.datetime()),
  recoveryCodesLeft: z.number(),
});
export type TotpStatus = z.infer<typeof totpStatus>;

/** A secret that waits for its first code: for typing (base32) and for a QR code (otpauth://). */
export const totpBegun = z.object({
  secret: z.string(),
  uri: z.string(),
  expiresAt: z.iso.datetime(),
});
export type TotpBegun = z.infer<typeof totpBegun>;

/** Each works once in the place of a code. Shown this once. */
export const recoveryCodes = z.object({ recoveryCodes: z.array(z.string()) });
export type RecoveryCodes = z.infer<typeof recoveryCodes>;

/** One sign-in of the caller's. `id` is a name for it, not the session's own. */
export const sessionView = z.object({
  id: z.string(),
  createdAt: z.iso.datetime(),
  lastSeenAt: z.iso.datetime(),
  expiresAt: z.iso.datetime(),
  address: z.string(),
  userAgent: z.string(),
  /** Whether it is the one that asks. */
  current: z.boolean(),
});
export type SessionView = z.infer<typeof sessionView>;

export const sessionList = z.object({
  items: z.array(sessionView),
  next: z.nullable(z.string()),
});
export type SessionList = z.infer<typeof sessionList>;
