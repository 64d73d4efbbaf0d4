import * as z from 'zod/mini';
import { line } from './line.ts';
import { action, machinePattern } from './policy.ts';
import { role } from './session.ts';

/**
 * Body of `POST /tokens`. Without `actions` the token may do all that its owner may, without
 * `machines` on all of the owner's; without `expiresIn` (seconds) it lives until it is revoked.
 */
export const createApiTokenRequest = z.strictObject({
  name: line(64),
  actions: z.optional(z.array(action).check(z.minLength(1))),
  machines: z.optional(z.array(machinePattern).check(z.minLength(1), z.maxLength(50))),
  expiresIn: z.optional(z.number().check(z.int(), z.minimum(60), z.maximum(86_400 * 3650))),
});
export type CreateApiTokenRequest = z.infer<typeof createApiTokenRequest>;

/** An API token as lists show it. Times are RFC 3339 UTC; null stands for all, never, not yet. */
export const apiTokenView = z.object({
  id: z.string(),
  name: z.string(),
  /** In whose name it acts. */
  owner: z.string(),
  /** The owner's role today. */
  role: z.nullable(role),
  actions: z.nullable(z.array(action)),
  machines: z.nullable(z.array(machinePattern)),
  createdAt: z.iso.datetime(),
  expiresAt: z.nullable(z.iso.datetime()),
  /** To the minute. */
  lastUsedAt: z.nullable(z.iso.datetime()),
});
export type ApiTokenView = z.infer<typeof apiTokenView>;

/** Answer of `POST /tokens`: the only place where the token appears. */
export const createdApiToken = z.extend(apiTokenView, { token: z.string() });
export type CreatedApiToken = z.infer<typeof createdApiToken>;

export const apiTokenList = z.object({
  items: z.array(apiTokenView),
  next: z.nullable(z.string()),
});
export type ApiTokenList = z.infer<typeof apiTokenList>;

export const apiTokenQuery = z.strictObject({
  /** For administrators: only this user's. */
  owner: z.optional(z.string().check(z.maxLength(128))),
  limit: z._default(z.coerce.number().check(z.int(), z.minimum(1), z.maximum(200)), 50),
  cursor: z.optional(z.string().check(z.maxLength(512))),
});
