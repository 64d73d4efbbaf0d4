import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import type { MachineView } from '../../../server/contract/index.ts';
import { type FaultCode, faultOf } from '../api/fault-code.ts';
import { portalApi } from '../api/gateway-api.ts';

interface List {
  /** Null until the first answer. */
  readonly items: readonly MachineView[] | null;
  readonly next: string | null;
  readonly fault: FaultCode | null;
  readonly busy: boolean;
}

const EMPTY: List = { items: null, next: null, fault: null, busy: false };

/** The machines that match a query, page by page; an answer that comes too late is dropped. */
export function useMachines(query: string) {
  const [list, setList] = useState<List>(EMPTY);
  const call = useRef<AbortController | null>(null);

  const load = useCallback(
    (cursor: string | null, before: readonly MachineView[]) => {
      call.current?.abort();
      const controller = new AbortController();
      call.current = controller;
      setList((shown) => ({ ...shown, fault: null, busy: true }));
      portalApi.machines(query, cursor, controller.signal).then(
        ({ items, next }) => {
          if (controller.signal.aborted) return;
          setList({ items: [...before, ...items], next, fault: null, busy: false });
        },
        (error: unknown) => {
          if (controller.signal.aborted) return;
          setList((shown) => ({ ...shown, fault: faultOf(error), busy: false }));
        },
      );
    },
    [query],
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
