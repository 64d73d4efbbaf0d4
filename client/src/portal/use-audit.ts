import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import type { AuditRecord } from '../../../server/contract/index.ts';
import { type FaultCode, faultOf } from '../api/fault-code.ts';
import { portalApi } from '../api/gateway-api.ts';
import { type AuditFilter, queryOf } from './audit-filter.ts';

interface List {
  /** Null until the first answer. */
  readonly items: readonly AuditRecord[] | null;
  readonly next: string | null;
  readonly fault: FaultCode | null;
  readonly busy: boolean;
}

const EMPTY: List = { items: null, next: null, fault: null, busy: false };
/** Entries that are shown more at a time; the gateway may find fewer in one call. */
const PAGE = 50;

/** The entries of the audit trail that match, newest first. */
export function useAudit(filter: AuditFilter) {
  const [list, setList] = useState<List>(EMPTY);
  const call = useRef<AbortController | null>(null);

  const load = useCallback(
    (cursor: string | null, before: readonly AuditRecord[]) => {
      call.current?.abort();
      const controller = new AbortController();
      call.current = controller;
      setList((shown) => ({ ...shown, fault: null, busy: true }));
      const show = (change: Partial<List>) => {
        if (!controller.signal.aborted) setList((shown) => ({ ...shown, ...change }));
      };
      const search = async () => {
        let items = before;
        let next = cursor;
        do {
          const query = {
            ...queryOf(filter, Date.now()),
            limit: PAGE,
            ...(next && { cursor: next }),
          };
          const page = await portalApi.audit(query, controller.signal);
          items = [...items, ...page.items];
          next = page.next;
          show({ items, next });
        } while (next !== null && items.length < before.length + PAGE);
      };
      search().then(
        () => show({ busy: false }),
        (error: unknown) => show({ fault: faultOf(error), busy: false }),
      );
    },
    [filter],
  );

  useEffect(() => {
    load(null, []);
    return () => call.current?.abort();
  }, [load]);

  return {
    ...list,
    more: () => load(list.next, list.items ?? []),
    again: () => load(null, []),
  };
}
