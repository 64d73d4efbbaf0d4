import type { Request } from 'express';
import { GatewayError } from '../errors.ts';
import type { Machine } from '../providers/provider.ts';
import type { PowerRouterParts } from './power-router.ts';

/**
 * A machine that the caller may switch is told something, which is in the audit trail then.
 *
 * @param run resolves to what it was told, for people.
 * @throws GatewayError `machine_not_found`, `forbidden`, and as `run` does.
 */
export async function toldMachine(
  parts: PowerRouterParts,
  request: Request<{ id: string }>,
  run: (machine: Machine) => Promise<string>,
): Promise<Machine> {
  const { access, audit, log } = parts;
  const who = access.principal(request);
  const machine = await switchable(parts, request);
  const detail = await run(machine);
  const entry = { action: 'power', machine: machine.id, console: null, result: 'ok' } as const;
  audit.write({ ...entry, ...access.actor(request), detail });
  log.info({ machine: machine.id, told: detail, by: who.name }, 'machine switched');
  return machine;
}

/** @throws GatewayError `machine_not_found`, `forbidden` for a machine that the caller may not switch. */
export async function switchable(
  { access, policy, lookup }: PowerRouterParts,
  request: Request<{ id: string }>,
): Promise<Machine> {
  const who = access.principal(request);
  const machine = await lookup.listed(who, request.params.id, 'power');
  if (policy.mayOnMachine(who, 'power', machine)) return machine;
  throw new GatewayError('forbidden', `${who.name} may not switch ${machine.id}`);
}
