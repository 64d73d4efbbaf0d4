import type { Request } from 'express';
import { GatewayError } from '../errors.ts';
import type { Machine } from '../providers/provider.ts';
import { findListed } from './find-listed.ts';
import type { PowerRouterParts } from './power-router.ts';

/**
 * A machine that the caller may switch is told something, which is in the audit trail then.
 *
 * @param run resolves to what it was told, for people.
 * @throws GatewayError `machine_not_found`, `forbidden`, and as `run` does.
 */
export async function toldMachine(
  { access, audit, policy, registry, log }: PowerRouterParts,
  request: Request<{ id: string }>,
  run: (machine: Machine) => Promise<string>,
): Promise<Machine> {
  const who = access.principal(request);
  const machine = await findListed(registry, policy, who, request.params.id);
  if (!policy.mayOnMachine(who, 'power', machine)) {
    throw new GatewayError('forbidden', `${who.name} may not switch ${machine.id}`);
  }
  const detail = await run(machine);
  const entry = { action: 'power', machine: machine.id, console: null, result: 'ok' } as const;
  audit.write({ ...entry, ...access.actor(request), detail });
  log.info({ machine: machine.id, told: detail, by: who.name }, 'machine switched');
  return machine;
}
