import type { Policy } from '../auth/policy.ts';
import type { Action } from '../contract/index.ts';
import type { Principal } from '../auth/principal.ts';
import { GatewayError } from '../errors.ts';
import type { Machine } from '../providers/provider.ts';
import type { ProviderRegistry } from '../providers/registry.ts';

/**
 * A machine that the caller may see, or do this to; somebody else's is not told from none.
 *
 * @throws GatewayError `machine_not_found`, `provider_unavailable`
 */
export async function findListed(
  registry: ProviderRegistry,
  policy: Policy,
  who: Principal,
  id: string,
  action: Action = 'list',
): Promise<Machine> {
  const machine = await registry.get(id);
  const may = [action, 'list' as const].some((one) => policy.mayOnMachine(who, one, machine));
  if (may) return machine;
  throw new GatewayError('machine_not_found', `there is no machine ${JSON.stringify(machine.id)}`);
}
