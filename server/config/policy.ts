import { z } from 'zod';
import { ACTIONS, CONSOLE_KINDS, ROLES } from '../contract/index.ts';
import { strict } from '../providers/config-fields.ts';

function listOf<T extends z.ZodType>(item: T) {
  return z.array(item).min(1, { error: 'expected at least one, or leave it out for all' });
}

const name = z.string().min(1).max(128);

/** A machine's id, `*` stands for any text. */
export const machinePattern = z
  .string()
  .max(256)
  .regex(/[:*]/, { error: 'expected <provider>:<local id>, with * for any text' });

const approvers = strict({
  roles: listOf(z.enum(ROLES)).default([]),
  users: listOf(name).default([]),
}).refine(({ roles, users }) => roles.length + users.length > 0, {
  error: 'expected roles, users or both',
});

const EFFECTS = ['deny', 'allow', 'kinds', 'readOnly', 'purpose', 'approval'] as const;

/** A rule of the policy: whom and what it is about, and what it takes away. docs/policy.md. */
export const policyRule = strict({
  roles: listOf(z.enum(ROLES)).optional(),
  users: listOf(name).optional(),
  via: listOf(z.enum(['session', 'token', 'launch'])).optional(),
  machines: listOf(machinePattern).optional(),

  deny: listOf(z.enum(ACTIONS)).optional(),
  allow: listOf(z.literal('approve')).optional(),
  kinds: listOf(z.enum(CONSOLE_KINDS)).optional(),
  readOnly: z.literal(true).optional(),
  purpose: z.literal('required').optional(),
  approval: z.literal('required').optional(),
  approvers: approvers.optional(),
})
  .refine((rule) => EFFECTS.some((effect) => rule[effect] !== undefined), {
    error: `expected what the rule does, one of ${EFFECTS.join(', ')}`,
  })
  .refine((rule) => rule.approvers === undefined || rule.approval !== undefined, {
    path: ['approvers'],
    error: 'expected none without approval: required',
  });

/** The provider that a pattern names; undefined where it may mean several. */
export function providerOf(pattern: string): string | undefined {
  return /^([^:*]+):/.exec(pattern)?.[1];
}
