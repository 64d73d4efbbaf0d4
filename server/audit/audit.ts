import type { AuditEntry } from '../contract/index.ts';

/** Where the audit trail is written to. Never throws and keeps nobody waiting. */
export interface Audit {
  write(entry: AuditEntry): void;
}
