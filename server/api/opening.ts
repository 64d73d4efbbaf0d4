import type { Actor } from '../audit/actor.ts';
import type { Accounts } from '../auth/accounts.ts';
import type { OpeningTerms, Policy } from '../auth/policy.ts';
import type { Principal } from '../auth/principal.ts';
import type { ConsoleService } from '../consoles/console-service.ts';
import type { OpenConsole, OpenedConsole } from '../consoles/new-console.ts';
import type { ConsoleKind } from '../contract/index.ts';
import { GatewayError } from '../errors.ts';

export interface OpeningParts {
  readonly accounts: Pick<Accounts, 'user'>;
  readonly policy: Policy;
  readonly consoles: ConsoleService;
}

/** What somebody asks for; the policy says on which terms they get it. */
type Wanted = Pick<
  OpenConsole,
  'machine' | 'kind' | 'ttl' | 'display' | 'user' | 'closeUrl' | 'signIn'
> & {
  readonly readOnly?: boolean | undefined;
  readonly purpose?: string | undefined;
  /** Who asks, where that is not the one whose rights count. */
  readonly openedBy?: string;
};

/** The one way to a new console, by whichever door: the policy, then the record. */
export class Opening {
  readonly #parts: OpeningParts;

  constructor(parts: OpeningParts) {
    this.#parts = parts;
  }

  /**
   * @throws GatewayError `forbidden`, `purpose_required`, `console_kind_unavailable`,
   * `invalid_request`, `console_limit`, `redis_unavailable`
   */
  async open(who: Principal, by: Actor, wanted: Wanted): Promise<OpenedConsole> {
    const { accounts, policy, consoles } = this.#parts;
    const { machine, user, openedBy = who.name } = wanted;
    if (!policy.mayOnMachine(who, 'open', machine) || !policy.mayActFor(who, user)) {
      throw notToOpen(who, machine.id, user);
    }
    const role = user === who.name ? who.role : (accounts.user(user)?.role ?? 'customer');
    const terms = policy.termsOf(who, { name: user, role, via: who.via, scope: null }, machine);
    const accepted = accept(terms, wanted);
    // To look is not to switch, and nobody gets more by a console than they have without it.
    const power =
      terms.may.power && !accepted.readOnly && policy.mayOnMachine(who, 'power', machine);
    const request = {
      ...wanted,
      ...accepted,
      openedBy,
      limited: policy.isLimited(who),
      approvers: terms.approval ? terms.approvers : null,
      may: { ...terms.may, power },
    };
    return consoles.open(request, by);
  }
}

/** What of the wish remains under these terms. @throws GatewayError where it cannot be met. */
function accept(
  terms: OpeningTerms,
  { machine, kind, readOnly = terms.readOnly, purpose, user }: Wanted,
): { kind: ConsoleKind | undefined; readOnly: boolean; purpose: string | null } {
  const allowed = machine.consoles.filter((has) => terms.kinds.includes(has));
  // A kind that the machine does not have is the domain's to refuse.
  const asked = machine.consoles.filter((has) => kind === undefined || has === kind);
  if (asked.length > 0 && !asked.some((has) => allowed.includes(has))) {
    const which = kind ?? asked.join(', ');
    throw new GatewayError('forbidden', `${user} may open no ${which} console of ${machine.id}`);
  }
  if (terms.readOnly && !readOnly) {
    throw new GatewayError('forbidden', `${user} may only look at ${machine.id}`);
  }
  if (terms.purpose && purpose === undefined) {
    throw new GatewayError('purpose_required', `say for what ${machine.id} is opened`, {
      errors: [{ path: 'purpose', message: 'expected a purpose' }],
    });
  }
  return {
    kind: kind ?? allowed[0],
    readOnly,
    purpose: purpose ?? null,
  };
}

/** One sentence for a machine that is not there and one that is not theirs: customers cannot tell. */
export function notToOpen(who: Principal, machine: string, user: string): GatewayError {
  const whose = who.scope?.personal === true ? `this token of ${who.name}` : who.name;
  const whom = user === who.name ? '' : ` for ${user}`;
  return new GatewayError('forbidden', `${whose} may not open ${machine}${whom}`);
}
