import type { Updated } from '../consoles/console-store.ts';
import type { ConsoleRecord } from '../consoles/console.ts';

/** What a console's close URL is to be told. */
export interface CloseCall {
  /** The same each time that this console's end is told, so that a receiver knows a repetition. */
  readonly id: string;
  readonly url: string;
  /** JSON; it stays the same over all tries. */
  readonly body: string;
}

/** The call that a change of a record brings about: one for each console, in its last change. */
export function closeCallOf({ before, after }: Updated, now: number): CloseCall | null {
  if (!after.closeUrl || before.state === 'closed' || after.state !== 'closed') return null;
  const id = `close_${after.id}`;
  return { id, url: after.closeUrl, body: JSON.stringify({ id, ...contentOf(after, now) }) };
}

/** One whose time was over while no gateway ran has closed then, not when it was found. */
function contentOf(record: ConsoleRecord, now: number): object {
  const time = (ms: number): string => new Date(ms).toISOString();
  return {
    type: 'console.closed',
    console: record.id,
    machine: record.machine,
    machineName: record.machineName,
    kind: record.kind,
    readOnly: record.readOnly,
    user: record.user,
    reason: record.reason,
    error: record.fault,
    openedAt: time(record.createdAt),
    closedAt: time(Math.min(now, record.expiresAt)),
  };
}
