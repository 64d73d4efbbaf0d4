import {
  ACTIONS,
  type Action,
  type Approvers,
  CONSOLE_KINDS,
  type ConsoleKind,
} from '../contract/index.ts';
import { matchesAny } from './machine-pattern.ts';
import { type PolicyRule, type Subject, ruleApplies } from './policy-rule.ts';
import type { Principal } from './principal.ts';

interface OwnedMachine {
  readonly id: string;
  readonly owner: string | null;
}

interface OwnedConsole {
  readonly machine: string;
  readonly owner: string | null;
  /** For whom it was opened. */
  readonly user: string;
}

interface RunningConsole extends OwnedConsole {
  readonly kind: ConsoleKind;
  readonly openedBy: string;
}

interface WaitingConsole extends OwnedConsole {
  readonly openedBy: string;
  /** Each list has to have the approver in it; without any, the role decides. */
  readonly approvers: readonly Approvers[];
}

/** Under which conditions somebody may open consoles of a machine. */
export interface OpeningTerms {
  /** None where it may not be opened at all. */
  readonly kinds: readonly ConsoleKind[];
  readonly readOnly: boolean;
  readonly purpose: boolean;
  readonly approval: boolean;
  readonly approvers: readonly Approvers[];
  /** What the browser that will hold the console may do. */
  readonly may: { readonly extend: boolean; readonly share: boolean; readonly power: boolean };
}

/** Only administrators', unless a rule or a console's own list of approvers says otherwise. */
const ADMIN_ONLY: readonly Action[] = ['approve', 'audit'];
const ON_CONSOLES: readonly Action[] = ['extend', 'share', 'watch', 'kill'];
const ON_MACHINES = ACTIONS.filter((action) => action !== 'audit');

/**
 * What each role may do, and what the rules of the configuration take away from it. Pure, so that a
 * table tests it whole. All rules that apply count; their order does not matter.
 *
 * A customer does everything with machines of their own and consoles opened for them, support with
 * all, and administrators approve and audit besides.
 */
export class Policy {
  readonly #rules: readonly PolicyRule[];

  constructor(rules: readonly PolicyRule[]) {
    this.#rules = rules;
  }

  /** Do something that is about all machines: read the audit trail. */
  may(who: Principal, action: 'audit'): boolean {
    return who.role === 'admin' && inScope(who, action, null) && !this.#denied(who, action, null);
  }

  /** Do something to a machine, or to any console of it. */
  mayOnMachine(who: Principal, action: Action, machine: OwnedMachine): boolean {
    if (!inScope(who, action, machine.id) || this.#denied(who, action, machine.id)) return false;
    if (!isStaff(who) && !isTheirs(who, machine)) return false;
    if (!ADMIN_ONLY.includes(action) || who.role === 'admin') return true;
    return action === 'approve' && this.#allowed(who, machine.id);
  }

  /** Do something to a console: also the person for whom it was opened. */
  mayOnConsole(who: Principal, action: Action, console: OwnedConsole): boolean {
    const machine = { id: console.machine, owner: console.owner };
    if (console.user !== who.name || ADMIN_ONLY.includes(action)) {
      return this.mayOnMachine(who, action, machine);
    }
    return inScope(who, action, machine.id) && !this.#denied(who, action, machine.id);
  }

  /**
   * Have a link to a running console that somebody else holds: to look at, which is to watch, or to
   * type too, which is to share. Neither gives more than opening a console of one's own would, so a
   * purpose or an approval that this one has not been given for them stands in the way of typing.
   */
  mayJoin(who: Principal, console: RunningConsole, readOnly: boolean): boolean {
    if (!this.mayOnConsole(who, readOnly ? 'watch' : 'share', console)) return false;
    const rules = this.#rules.filter((rule) => ruleApplies(rule, who, console.machine));
    if (!kindsOf(rules).includes(console.kind)) return false;
    if (readOnly) return true;
    const theirs = console.user === who.name || console.openedBy === who.name;
    return !rules.some(
      (rule) =>
        rule.readOnly === true ||
        rule.deny?.includes('open') === true ||
        (!theirs && (rule.purpose === 'required' || rule.approval === 'required')),
    );
  }

  /** The only name on which they may see machines and consoles; undefined where there may be others. */
  onlyOwner(who: Principal): string | undefined {
    return isStaff(who) || who.machines.length > 0 ? undefined : who.name;
  }

  /** What somebody may do to a console that is open, besides looking at its record. */
  actionsOnConsole(who: Principal, console: RunningConsole): Action[] {
    return ON_CONSOLES.filter((action) =>
      action === 'watch' || action === 'share'
        ? this.mayJoin(who, console, action === 'watch')
        : this.mayOnConsole(who, action, console),
    );
  }

  /** Know that somebody else's machine is there: for staff, whose refusals may say so. */
  mayKnowOfAny(who: Principal): boolean {
    return isStaff(who) && who.scope?.machines == null;
  }

  /** Have providers asked for their machines: what a token for some machines is not for. */
  maySync(who: Principal): boolean {
    return this.mayKnowOfAny(who) && inScope(who, 'list', null) && !this.#denied(who, 'list', null);
  }

  /** Open a console in the name of somebody else, as a portal's token does. */
  mayActFor(who: Principal, user: string): boolean {
    return isStaff(who) || user === who.name;
  }

  /** Have the gateway call a URL when a console has closed: a customer's could lead inside. */
  mayNameCloseUrl(who: Principal): boolean {
    return isStaff(who);
  }

  /** Make API tokens: for people, and not for tokens. */
  mayMakeTokens(who: Principal): boolean {
    return who.via === 'session';
  }

  /** See and revoke somebody's API tokens; null is everybody's. A token needs to be without scope. */
  mayManageTokensOf(who: Principal, owner: string | null): boolean {
    return isWhole(who) && (owner === who.name || who.role === 'admin');
  }

  /** Reset somebody's one-time codes, and free the name of who has left. */
  mayManageUsers(who: Principal): boolean {
    return isWhole(who) && who.role === 'admin';
  }

  /** Whether they may have only so many consoles open: customers, who open them by themselves. */
  isLimited(who: Principal): boolean {
    return who.role === 'customer' && (who.via === 'session' || who.scope?.personal === true);
  }

  /** What somebody may do on a machine. */
  actionsOn(who: Principal, machine: OwnedMachine): Action[] {
    return ON_MACHINES.filter((action) => this.mayOnMachine(who, action, machine));
  }

  /**
   * The terms on which `who` opens a console for `user`. The rules for both of them count, so that
   * nobody gets round a rule by acting for somebody else.
   */
  termsOf(who: Subject, user: Subject, machine: OwnedMachine): OpeningTerms {
    const rules = this.#rules.filter((rule) =>
      [who, user].some((one) => ruleApplies(rule, one, machine.id)),
    );
    const asked = rules.filter(({ approval }) => approval === 'required');
    const denied = (action: Action): boolean =>
      rules.some(({ deny }) => deny?.includes(action) ?? false);
    return {
      kinds: denied('open') ? [] : kindsOf(rules),
      readOnly: rules.some(({ readOnly }) => readOnly === true),
      purpose: rules.some(({ purpose }) => purpose === 'required'),
      approval: asked.length > 0,
      approvers: asked.flatMap(({ approvers }) => approvers ?? []),
      may: { extend: !denied('extend'), share: !denied('share'), power: !denied('power') },
    };
  }

  /**
   * Have a file for a native client. It goes round the gateway, so that nothing can be promised of
   * it: not to those who may only look, nor where somebody else has to approve.
   */
  mayHaveFile(who: Principal, machine: OwnedMachine): boolean {
    const { kinds, readOnly, approval } = this.termsOf(who, who, machine);
    const may = kinds.includes('vnc') && !readOnly && !approval;
    return may && this.mayOnMachine(who, 'open', machine);
  }

  /** Approve or refuse a console that waits: never one's own, nor one that one asked for. */
  mayApprove(who: Principal, console: WaitingConsole): boolean {
    const { machine: id, owner, user, openedBy, approvers } = console;
    if (who.name === user || who.name === openedBy) return false;
    if (approvers.length === 0) return this.mayOnMachine(who, 'approve', { id, owner });
    return (
      inScope(who, 'approve', id) &&
      !this.#denied(who, 'approve', id) &&
      approvers.every(({ roles, users }) => roles.includes(who.role) || users.includes(who.name))
    );
  }

  #denied(who: Subject, action: Action, machine: string | null): boolean {
    return this.#rules.some(
      (rule) => rule.deny?.includes(action) === true && ruleApplies(rule, who, machine),
    );
  }

  #allowed(who: Subject, machine: string): boolean {
    return this.#rules.some(
      (rule) => rule.allow?.includes('approve') === true && ruleApplies(rule, who, machine),
    );
  }
}

/** What all these rules leave. */
function kindsOf(rules: readonly PolicyRule[]): ConsoleKind[] {
  return CONSOLE_KINDS.filter((kind) => rules.every(({ kinds }) => kinds?.includes(kind) ?? true));
}

function isStaff(who: Principal): boolean {
  return who.role === 'support' || who.role === 'admin';
}

/** Not a token with a part of its owner's rights. */
function isWhole({ scope }: Principal): boolean {
  return scope?.actions == null && scope?.machines == null;
}

function isTheirs(who: Principal, machine: OwnedMachine): boolean {
  return machine.owner === who.name || matchesAny(who.machines, machine.id);
}

function inScope({ scope }: Principal, action: Action, machine: string | null): boolean {
  return (
    (scope?.actions?.includes(action) ?? true) &&
    (scope?.machines == null || (machine !== null && matchesAny(scope.machines, machine)))
  );
}
