import type { Request } from 'express';
import type { ConsoleRecord } from '../consoles/console.ts';
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
  const machine = await switchable(parts, request);
  noteTold(parts, request, { machine, detail: await run(machine) });
  return machine;
}

/** Writes down that a machine was told something, by whom, and from which console if from one. */
export function noteTold(
  { access, audit, log }: PowerRouterParts,
  request: Request,
  told: { machine: Machine; detail: string; record?: ConsoleRecord },
): void {
  const { machine, detail, record } = told;
  const by = access.actor(request, record);
  const entry = { action: 'power', machine: machine.id, result: 'ok' } as const;
  audit.write({ ...entry, ...by, console: record?.id ?? null, detail });
  log.info({ machine: machine.id, told: detail, by: by.who }, 'machine switched');
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
