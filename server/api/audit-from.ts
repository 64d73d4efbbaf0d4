import type { Request } from 'express';
import type { AuditEntry } from '../contract/index.ts';

/** What every line about a person's own account says alike. */
export function auditFrom(
  request: Request,
): Pick<AuditEntry, 'via' | 'from' | 'machine' | 'console' | 'detail'> {
  const from = request.ip ?? null;
  return { via: 'session', from, machine: null, console: null, detail: null };
}
