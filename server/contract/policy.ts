import * as z from 'zod/mini';
import { line } from './line.ts';
import type { Role } from './session.ts';

/** What somebody may be allowed to do. The scopes of an API token are these same words. */
export const ACTIONS = [
  'list',
  'open',
  'extend',
  'share',
  'watch',
  'kill',
  'power',
  'approve',
  'audit',
] as const;
export const action = z.enum(ACTIONS);
export type Action = z.infer<typeof action>;

/** A machine's id in which `*` stands for any text: `hetzner:*`. */
export const machinePattern = z.string().check(z.minLength(1), z.maxLength(256));

/** Why somebody wants a console, in their words. */
export const purpose = line(500);

/** What the caller has to bring, or to put up with, to open a console of a machine. */
export const openRequirements = z.object({
  purpose: z.boolean(),
  /** Whether somebody else has to approve it first. */
  approval: z.boolean(),
  /** Whether it can only be looked at. */
  readOnly: z.boolean(),
});
export type OpenRequirements = z.infer<typeof openRequirements>;

export const APPROVALS = ['pending', 'granted', 'refused'] as const;
export const approvalState = z.enum(APPROVALS);
export type ApprovalState = z.infer<typeof approvalState>;

/** Who decides about a console: whoever has one of the roles, or one of the names. */
export interface Approvers {
  readonly roles: readonly Role[];
  readonly users: readonly string[];
}

/** Body of `POST /consoles/{id}/approve`. */
export const approveRequest = z.strictObject({});

/** Body of `POST /consoles/{id}/refuse`; `detail` is shown to whoever waits. */
export const refuseRequest = z.strictObject({
  detail: z.optional(line(500)),
});
