import type { AuditEntry } from '../contract/index.ts';

/**
 * Who does something, by which door and from which address, as the audit trail names them. `who` is
 * null for a stranger; for whoever holds a console, whose name the console itself knows; and for
 * what the gateway does by itself.
 */
export type Actor = Pick<AuditEntry, 'who' | 'via' | 'from'>;

/** What happens by itself: a deadline, a machine that hangs up, a dead replica's tunnels. */
export const GATEWAY: Actor = { who: null, via: 'gateway', from: null };
