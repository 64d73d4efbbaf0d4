import type { Policy } from '../auth/policy.ts';
import type { Principal } from '../auth/principal.ts';
import type { Action } from '../contract/index.ts';
import { GatewayError, toGatewayError } from '../errors.ts';
import type { Inventory } from '../inventory/inventory.ts';
import type { TryLimit } from '../platform/try-limit.ts';
import type { Machine } from '../providers/provider.ts';
import type { ProviderRegistry } from '../providers/registry.ts';

/** Looks for machines that the list does not know, by each name within this time. */
export const LOOKUP_WINDOW_MS = 60_000;
export const CUSTOMER_LOOKUPS = 30;
/** A portal opens machines that it has just made. */
export const STAFF_LOOKUPS = 600;

export interface MachineLookupParts {
  readonly registry: Pick<ProviderRegistry, 'find'>;
  readonly inventory: Pick<Inventory, 'find' | 'note' | 'forget'>;
  readonly policy: Policy;
  readonly customerTries: Pick<TryLimit, 'take' | 'giveBack'>;
  readonly staffTries: Pick<TryLimit, 'take' | 'giveBack'>;
}

type May = (machine: Machine) => boolean;

/**
 * Machines by their ids, as their providers have them now. No caller can use a provider's limit up by
 * ids that lead nowhere: what the list knows to be somebody else's is not asked for, and what it does
 * not know only so often. Neither is told from a machine that is not there.
 */
export class MachineLookup {
  readonly #parts: MachineLookupParts;

  constructor(parts: MachineLookupParts) {
    this.#parts = parts;
  }

  /**
   * A machine that the caller may see, or do this to.
   *
   * @throws GatewayError `machine_not_found`, `provider_unavailable`, `redis_unavailable`
   */
  async listed(who: Principal, id: string, action: Action = 'list'): Promise<Machine> {
    const { policy } = this.#parts;
    const may: May = (machine) =>
      [action, 'list' as const].some((one) => policy.mayOnMachine(who, one, machine));
    return (await this.find(who, id, may)) ?? missing(id);
  }

  /** A machine, whoever's it is. @throws GatewayError as `listed` does. */
  async any(who: Principal, id: string): Promise<Machine> {
    return (await this.find(who, id, () => true)) ?? missing(id);
  }

  /**
   * Undefined where there is none of which `may` holds.
   *
   * @throws GatewayError `machine_not_found` for a machine of which it held and that is gone now,
   * `provider_unavailable`, `redis_unavailable`
   */
  async find(who: Principal, id: string, may: May): Promise<Machine | undefined> {
    const { inventory, registry } = this.#parts;
    const known = inventory.find(id)?.machine;
    if (!known) return this.#unknown(who, id, may);
    if (!may(known)) return undefined;
    const machine = await registry.find(id);
    if (!machine) {
      void inventory.forget(known);
      throw new GatewayError('machine_not_found', `${id} is not there any more`);
    }
    const allowed = may(machine);
    // A list is told what its readers would miss, and not at each look; before they hear of it.
    if (!allowed || machine.power !== known.power || machine.state !== known.state) {
      await inventory.note(machine);
    }
    return allowed ? machine : undefined;
  }

  /** One that is too new for the list: whoever finds one of their own has not spent a try. */
  async #unknown(who: Principal, id: string, may: May): Promise<Machine | undefined> {
    const { inventory, registry, customerTries, staffTries } = this.#parts;
    const tries = who.role === 'customer' ? customerTries : staffTries;
    try {
      await tries.take(who.name, 'too many unknown machines');
    } catch (error) {
      if (toGatewayError(error).status === 'rate_limited') return undefined;
      throw error;
    }
    const machine = await registry.find(id);
    if (machine) void inventory.note(machine);
    if (!machine || !may(machine)) return undefined;
    await tries.giveBack(who.name);
    return machine;
  }
}

function missing(id: string): never {
  throw new GatewayError('machine_not_found', `there is no machine ${JSON.stringify(id)}`);
}
