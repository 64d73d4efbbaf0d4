import type { Request } from 'express';
import type { AuditEntry } from '../contract/index.ts';
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
  const entry = { action: 'power', machine: machine.id, console: null, result: 'ok' } as const;
  const detail = await run(machine);
  noteTold(parts, { ...entry, ...parts.access.actor(request), detail });
  return machine;
}

/** Into the audit trail and the log: what a machine was told, and by whom. */
export function noteTold(
  { audit, log }: Pick<PowerRouterParts, 'audit' | 'log'>,
  entry: AuditEntry,
): void {
  audit.write(entry);
  const { machine, detail, who } = entry;
  log.info({ machine, told: detail, by: who }, 'machine switched');
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
