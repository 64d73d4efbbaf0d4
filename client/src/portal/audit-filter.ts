import {
  AUDIT_ACTIONS,
  type AuditAction,
  type AuditQuery,
} from '../../../server/contract/index.ts';

/** How far back the list goes; milliseconds. */
export const PERIODS = { hour: 3_600_000, day: 86_400_000, week: 604_800_000 };
export type Period = keyof typeof PERIODS;

/** What the person has chosen; empty is all. It is the page's own address, so that it can be shared. */
export interface AuditFilter {
  readonly console: string;
  readonly machine: string;
  readonly who: string;
  readonly action: AuditAction | '';
  readonly result: 'ok' | 'refused' | '';
  readonly since: Period | '';
}

export const ALL: AuditFilter = {
  console: '',
  machine: '',
  who: '',
  action: '',
  result: '',
  since: '',
};

/** From the query of an address; what is not known counts as not chosen. */
export function filterOf(search: string): AuditFilter {
  const query = new URLSearchParams(search);
  const one = <T extends string>(name: string, known: readonly T[]): T | '' =>
    known.find((value) => value === query.get(name)) ?? '';
  return {
    console: query.get('console') ?? '',
    machine: query.get('machine') ?? '',
    who: query.get('who') ?? '',
    action: one('action', AUDIT_ACTIONS),
    result: one('result', ['ok', 'refused']),
    since: one('since', Object.keys(PERIODS) as Period[]),
  };
}

/** The address of the page that shows this. */
export function addressOf(filter: Partial<AuditFilter>): string {
  const chosen = Object.entries(filter).filter(([, value]) => value !== '');
  return chosen.length === 0 ? '/audit' : `/audit?${new URLSearchParams(chosen)}`;
}

/** What the gateway is asked. A part of a name is enough for machines and people. */
export function queryOf(filter: AuditFilter, now: number): Partial<AuditQuery> {
  const { console: id, machine, who, action, result, since } = filter;
  return {
    ...(id && { console: id }),
    ...(machine && { machine: partly(machine) }),
    ...(who && { who: partly(who) }),
    ...(action && { action }),
    ...(result && { result }),
    ...(since && { since: new Date(now - PERIODS[since]).toISOString() }),
  };
}

function partly(text: string): string {
  return text.includes('*') ? text : `*${text}*`;
}
