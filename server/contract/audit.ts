import * as z from 'zod/mini';
import { statusCode } from './console.ts';

/** What is kept in the audit trail, in the order in which a console meets them. */
export const AUDIT_ACTIONS = [
  'login',
  'logout',
  'open',
  'approve',
  'redeem',
  'connect',
  'share',
  'control',
  'extend',
  'close',
  'power',
  'sync',
  'token',
  'account',
  'audit',
] as const;
export const auditAction = z.enum(AUDIT_ACTIONS);
export type AuditAction = z.infer<typeof auditAction>;

/** By which door somebody came. */
export const AUDIT_DOORS = [
  'session',
  'token',
  'launch',
  'eq',
  'console',
  'guest',
  'gateway',
] as const;
export const auditDoor = z.enum(AUDIT_DOORS);
export type AuditDoor = z.infer<typeof auditDoor>;

/** What an action came to: `ok`, or the row of the status table that says why not. */
const auditResult = z.union([z.literal('ok'), statusCode]);

/** What is told to the audit trail: who did what to which machine, from where, why, with which result. */
export const auditEntry = z.object({
  action: auditAction,
  /** Name of the person or the token; null where nobody is known. */
  who: z.nullable(z.string()),
  via: auditDoor,
  /** Address of the caller; null for what the gateway does by itself. */
  from: z.nullable(z.string()),
  machine: z.nullable(z.string()),
  console: z.nullable(z.string()),
  result: auditResult,
  /** For people: the purpose, the close reason, what was shared. Never a secret. */
  detail: z.nullable(z.string()),
});
export type AuditEntry = z.infer<typeof auditEntry>;

/** An entry as the trail keeps it. The order of the trail is that of its ids. */
export const auditRecord = z.extend(auditEntry, {
  /** Of the Redis stream: milliseconds since the epoch and a number, `1763718000000-0`. */
  id: z.string(),
  /** When it happened, RFC 3339 UTC by the clock of the replica. */
  at: z.iso.datetime(),
});
export type AuditRecord = z.infer<typeof auditRecord>;

export const auditList = z.object({
  items: z.array(auditRecord),
  next: z.nullable(z.string()),
});
export type AuditList = z.infer<typeof auditList>;

const filterText = z.optional(z.string().check(z.minLength(1), z.maxLength(256)));

/**
 * Query of `GET /audit`. In `machine` and `who` a `*` stands for any text. `refused` is any result
 * but `ok`. `since` is inclusive, `until` is not.
 */
export const auditQuery = z.strictObject({
  console: filterText,
  machine: filterText,
  who: filterText,
  action: z.optional(auditAction),
  result: z.optional(z.union([auditResult, z.literal('refused')])),
  since: z.optional(z.iso.datetime({ offset: true })),
  until: z.optional(z.iso.datetime({ offset: true })),
  limit: z._default(z.coerce.number().check(z.int(), z.minimum(1), z.maximum(200)), 50),
  cursor: z.optional(z.string().check(z.regex(/^\d{1,16}-\d{1,16}$/))),
});
export type AuditQuery = z.infer<typeof auditQuery>;
