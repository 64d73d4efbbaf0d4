import type { AuditEntry } from '../contract/index.ts';

/** An entry with the moment at which it happened, RFC 3339 UTC. */
export type DatedEntry = { readonly at: string } & AuditEntry;

/** Characters. A line of the trail stays well under 4096 bytes, which a pipe takes as one piece. */
const LONGEST = { who: 128, from: 64, machine: 256, console: 64, detail: 600 };

/** What callers name may be as long as they like; the trail keeps what says enough. */
export function dated(entry: AuditEntry, now: number): DatedEntry {
  const { action, who, via, from, machine, console: id, result, detail } = entry;
  return {
    at: new Date(now).toISOString(),
    action,
    who: cut(who, LONGEST.who),
    via,
    from: cut(from, LONGEST.from),
    machine: cut(machine, LONGEST.machine),
    console: cut(id, LONGEST.console),
    result,
    detail: cut(detail, LONGEST.detail),
  };
}

function cut(text: string | null, longest: number): string | null {
  return text === null || text.length <= longest ? text : `${text.slice(0, longest - 1)}…`;
}
