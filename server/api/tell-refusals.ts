import type { ErrorRequestHandler, Request } from 'express';
import type { Audit } from '../audit/audit.ts';
import type { ConsoleService } from '../consoles/console-service.ts';
import type { AuditAction, StatusCode } from '../contract/index.ts';
import { operations } from '../contract/operations/index.ts';
import type { Access } from './access.ts';
import { gatewayErrorOf } from './problems.ts';

/** The calls whose refusals are told here. */
const AUDITED = Object.values(operations).flatMap(({ method, path, audited }) => {
  if (audited === undefined) return [];
  const pattern = path.replace(/^\/api\/v1/, '').replaceAll(/\{\w+\}/g, '([^/]+)');
  return [
    {
      method,
      // As Express routes: whatever the case.
      path: new RegExp(`^${pattern}/?$`, 'i'),
      action: audited,
      ofConsole: path.includes('/consoles/{'),
      ofMachine: path.includes('/machines/{'),
    },
  ];
});

/** What cannot be read asks for nothing that could be refused. */
const UNREAD: ReadonlySet<StatusCode> = new Set([
  'invalid_request',
  'not_found',
  'method_not_allowed',
  'payload_too_large',
  'unsupported_media_type',
]);

export function isRefusal(code: StatusCode): boolean {
  return !UNREAD.has(code);
}

const CONSOLE_ID = /^[\w-]{22}$/;
const MACHINE_ID = /^[\w.-]{1,64}:\S/;

/** The API's error handler that leaves an entry in the audit trail, and passes the error on. */
export function tellRefusals({
  access,
  audit,
  consoles,
}: {
  access: Access;
  audit: Audit;
  consoles: ConsoleService;
}): ErrorRequestHandler {
  return async (thrown: unknown, request, _response, next) => {
    const { status: result, message, row } = gatewayErrorOf(thrown);
    const call = isRefusal(result) ? callOf(request) : undefined;
    // Reading changes nothing: that it failed is the log's.
    if (call && !(call.action === 'audit' && row.http >= 500)) {
      const { action, id, named } = call;
      const record = id === null ? undefined : await consoles.get(id).catch(() => undefined);
      const actor = access.actor(request, record);
      const who = actor.who ?? (actor.via === 'console' ? (record?.user ?? null) : null);
      const machine = record?.machine ?? machineOf(request, named);
      // A message may quote what was asked for.
      const detail = result === 'machine_not_found' && machine === null ? null : message;
      audit.write({ action, ...actor, who, machine, console: id, result, detail });
    }
    next(thrown);
  };
}

interface AuditedCall {
  readonly action: AuditAction;
  /** The console's. */
  readonly id: string | null;
  /** The machine, as the path has it. */
  readonly named: string | null;
}

/** A stranger may send anything in their places, a password too: what is no id is not kept. */
function callOf({ method, path }: Request): AuditedCall | undefined {
  for (const { method: audited, path: pattern, action, ofConsole, ofMachine } of AUDITED) {
    const match = method === audited && pattern.exec(path);
    if (!match) continue;
    const id = match[1] ?? '';
    return {
      action,
      id: ofConsole && CONSOLE_ID.test(id) ? id : null,
      named: ofMachine ? id : null,
    };
  }
  return undefined;
}

/** The machine that the path names, or else the body. */
function machineOf({ body }: Request, named: string | null): string | null {
  const { machine } = (body ?? {}) as { machine?: unknown };
  const id = named === null ? machine : decoded(named);
  return typeof id === 'string' && MACHINE_ID.test(id) ? id : null;
}

function decoded(part: string): string | undefined {
  try {
    return decodeURIComponent(part);
  } catch {
    return undefined;
  }
}
