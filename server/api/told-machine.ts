import type { Request } from 'express';
import { assertApproved } from '../consoles/approval.ts';
import { entryOfSwitch } from '../consoles/console-audit.ts';
import { type ConsoleRecord, assertOpen } from '../consoles/console.ts';
import type { AuditEntry, Role } from '../contract/index.ts';
import { GatewayError } from '../errors.ts';
import type { Machine } from '../providers/provider.ts';
import type { PowerRouterParts } from './power-router.ts';

/** A machine that may be told something, and by whom. */
export interface Addressed {
  readonly machine: Machine;
  /** Whose rights count. */
  readonly role: Role;
  /** What the audit trail has of it; the detail is what it was told, for people. */
  readonly entry: (detail: string) => AuditEntry;
}

type IdRequest = Request<{ id: string }>;

/** The two ways to a machine: by its own id, and by a console of it that the caller holds. */
export const WAYS = [
  { at: '/machines/:id', find: byId },
  { at: '/consoles/:id', find: byConsole },
] as const;

/**
 * A machine is told something, which is in the audit trail then.
 *
 * @param run resolves to what it was told, for people.
 * @throws GatewayError as `find` and `run` do.
 */
export async function toldMachine(
  parts: PowerRouterParts,
  addressed: Addressed,
  run: (machine: Machine) => Promise<string>,
): Promise<Machine> {
  const { audit, log } = parts;
  const entry = addressed.entry(await run(addressed.machine));
  audit.write(entry);
  const { machine, detail, who } = entry;
  log.info({ machine, told: detail, by: who }, 'machine switched');
  return addressed.machine;
}

/**
 * The console whose holder asks for its machine, where the policy let them when it was opened.
 *
 * @throws GatewayError `console_not_found`, `forbidden`, `approval_pending`, and why it is over.
 */
export async function heldConsole(
  { access, consoles, now }: PowerRouterParts,
  request: IdRequest,
): Promise<ConsoleRecord> {
  const record = await consoles.get(request.params.id);
  if (access.toManage(request, record, 'power') !== 'holder') {
    throw new GatewayError('forbidden', 'this is for the holder of the console');
  }
  assertOpen(record, now());
  assertApproved(record);
  return record;
}

/** @throws GatewayError `machine_not_found`, `forbidden` for a machine that the caller may not switch. */
async function byId(parts: PowerRouterParts, request: IdRequest): Promise<Addressed> {
  const { access, policy, lookup } = parts;
  const who = access.principal(request);
  const machine = await lookup.listed(who, request.params.id, 'power');
  if (!policy.mayOnMachine(who, 'power', machine)) {
    throw new GatewayError('forbidden', `${who.name} may not switch ${machine.id}`);
  }
  const told = { action: 'power', machine: machine.id, console: null, result: 'ok' } as const;
  const entry = (detail: string) => ({ ...told, ...access.actor(request), detail });
  return { machine, role: who.role, entry };
}

/** Nobody knows who sits before it: they have what a customer has. */
async function byConsole(parts: PowerRouterParts, request: IdRequest): Promise<Addressed> {
  const record = await heldConsole(parts, request);
  const machine = await parts.registry.get(record.machine);
  const entry = (detail: string) =>
    entryOfSwitch(record, parts.access.actor(request, record), detail);
  return { machine, role: 'customer', entry };
}
