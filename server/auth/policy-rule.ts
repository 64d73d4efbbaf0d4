import type { Action, Approvers, ConsoleKind, Role } from '../contract/index.ts';
import { matchesAny } from './machine-pattern.ts';
import type { Principal } from './principal.ts';

/**
 * A rule of the configuration. The first four say whom and what it is about, absent is all; the
 * others what it takes away. `allow` alone gives something.
 */
export interface PolicyRule {
  readonly roles?: readonly Role[] | undefined;
  readonly users?: readonly string[] | undefined;
  readonly via?: readonly Principal['via'][] | undefined;
  readonly machines?: readonly string[] | undefined;

  readonly deny?: readonly Action[] | undefined;
  readonly allow?: readonly 'approve'[] | undefined;
  /** The only kinds of console that may be opened. */
  readonly kinds?: readonly ConsoleKind[] | undefined;
  readonly readOnly?: true | undefined;
  readonly purpose?: 'required' | undefined;
  readonly approval?: 'required' | undefined;
  /** With `approval`: who may give it. */
  readonly approvers?: Approvers | undefined;
}

/** Whom a rule is held against. */
export type Subject = Pick<Principal, 'name' | 'role' | 'via' | 'scope'>;

/** Whether a rule counts; `machine` is null for what is about none. */
export function ruleApplies(rule: PolicyRule, who: Subject, machine: string | null): boolean {
  return (
    (rule.roles?.includes(who.role) ?? true) &&
    (rule.users?.includes(who.name) ?? true) &&
    (rule.via?.some((via) => comesBy(who, via)) ?? true) &&
    (rule.machines === undefined || (machine !== null && matchesAny(rule.machines, machine)))
  );
}

/** Else a person would get round a rule for sessions by a token of their own. */
function comesBy(who: Subject, via: Principal['via']): boolean {
  return who.via === via || (via === 'session' && who.scope?.personal === true);
}
