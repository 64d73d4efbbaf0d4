import type { AuditEntry } from '../contract/index.ts';
import type { Logger } from '../log.ts';
import type { Audit } from './audit.ts';

/** The audit trail as lines of the gateway's own log. */
export class LogAudit implements Audit {
  readonly #log: Logger;

  constructor(log: Logger) {
    this.#log = log;
  }

  write(entry: AuditEntry): void {
    this.#log.info({ audit: entry }, 'audit');
  }
}
