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
  'token',
  'account',
] as const;
export const auditAction = z.enum(AUDIT_ACTIONS);
export type AuditAction = z.infer<typeof auditAction>;

/** By which door somebody came. */
export const AUDIT_DOORS = ['session', 'token', 'launch', 'eq', 'console', 'gateway'] as const;
export const auditDoor = z.enum(AUDIT_DOORS);

/** One line of the audit trail: who did what to which machine, from where, why, with which result. */
export const auditEntry = z.object({
  action: auditAction,
  /** Name of the person or the token; null where nobody is known. */
  who: z.nullable(z.string()),
  via: auditDoor,
  /** Address of the caller; null for what the gateway does by itself. */
  from: z.nullable(z.string()),
  machine: z.nullable(z.string()),
  console: z.nullable(z.string()),
  /** `ok`, or the row of the status table that says why not. */
  result: z.union([z.literal('ok'), statusCode]),
  /** For people: the purpose, the close reason, what was shared. Never a secret. */
  detail: z.nullable(z.string()),
});
export type AuditEntry = z.infer<typeof auditEntry>;
