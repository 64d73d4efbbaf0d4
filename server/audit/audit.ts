import type { AuditEntry } from '../contract/index.ts';

/** Where the audit trail is written to. Never throws and keeps nobody waiting. */
export interface Audit {
  write(entry: AuditEntry): void;
}

/** An entry that is appended by the very script that makes the change which it tells of. */
export interface AuditNote {
  /** A Redis command. */
  readonly effect: readonly [command: string, key: string, ...args: string[]];
  /** To be called with Redis's reply, once the command has run. */
  kept(reply: unknown): void;
}

/** An audit trail whose order can be made that of the changes themselves. */
export interface AuditJournal extends Audit {
  note(entry: AuditEntry): AuditNote;
}
