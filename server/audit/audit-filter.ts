import type { AuditQuery, AuditRecord } from '../contract/index.ts';

type Filter = Omit<AuditQuery, 'limit' | 'cursor'>;

/** Whether an entry is what a query asks for. */
export function matcher(query: Filter): (record: AuditRecord) => boolean {
  const { console: id, action, result } = query;
  const machine = query.machine === undefined ? undefined : pattern(query.machine);
  const who = query.who === undefined ? undefined : pattern(query.who);
  const since = query.since === undefined ? -Infinity : Date.parse(query.since);
  const until = query.until === undefined ? Infinity : Date.parse(query.until);
  return (record) => {
    if (id !== undefined && record.console !== id) return false;
    if (action !== undefined && record.action !== action) return false;
    if (result === 'refused' ? record.result === 'ok' : result && record.result !== result) {
      return false;
    }
    if (machine && !machine.test(record.machine ?? '')) return false;
    if (who && !who.test(record.who ?? '')) return false;
    const at = Date.parse(record.at);
    return at >= since && at < until;
  };
}

/** Text in which `*` stands for any text; capitals or not is the same. */
function pattern(text: string): RegExp {
  const literal = text
    .split(/\*+/)
    .map((part) => part.replaceAll(/[\\^$.+?()[\]{}|]/g, '\\$&'))
    .join('.*');
  return new RegExp(`^${literal}$`, 'isu');
}
