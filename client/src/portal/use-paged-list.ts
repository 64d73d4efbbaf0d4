import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { type FaultCode, faultOf } from '../api/fault-code.ts';

interface Page<T> {
  readonly items: readonly T[];
  readonly next: string | null;
}

interface List<T> {
  /** Null until the first answer. */
  readonly items: readonly T[] | null;
  readonly next: string | null;
  readonly fault: FaultCode | null;
  readonly busy: boolean;
}

interface Search<T> {
  readonly from: string | null;
  readonly before: readonly T[];
  /** It is asked on until there are so many. */
  readonly wanted: number;
  /** Whether nothing is shown before all is there. */
  readonly quiet?: boolean;
}

/** What is under way. */
interface Call {
  readonly controller: AbortController;
  readonly wanted: number;
}

const EMPTY = { items: null, next: null, fault: null, busy: false };

/**
 * A list that the gateway gives page by page; an answer that comes too late is dropped.
 *
 * @param read the page after a cursor, of `missing` rows where it can be so long; another function is
 *   another list, which begins anew.
 * @param enough a page may hold fewer: it is asked on until there are so many more, or no more.
 */
export function usePagedList<T>(
  read: (cursor: string | null, signal: AbortSignal, missing: number) => Promise<Page<T>>,
  enough = 1,
) {
  const [list, setList] = useState<List<T>>(EMPTY);
  const call = useRef<Call | null>(null);
  const count = useRef(0);
  count.current = list.items?.length ?? 0;

  const load = useCallback(
    ({ from, before, wanted, quiet = false }: Search<T>) => {
      call.current?.controller.abort();
      const controller = new AbortController();
      const { signal } = controller;
      call.current = { controller, wanted };
      const show = (change: Partial<List<T>>): void => {
        if (!signal.aborted) setList((shown) => ({ ...shown, ...change }));
      };
      const finish = (change: Partial<List<T>>): void => {
        show({ ...change, busy: false });
        if (call.current?.controller === controller) call.current = null;
      };
      if (!quiet) show({ fault: null, busy: true });
      const search = async () => {
        let items = before;
        let next = from;
        do {
          const page = await read(next, signal, wanted - items.length);
          items = [...items, ...page.items];
          next = page.next;
          if (!quiet) show({ items, next });
        } while (next !== null && items.length < wanted);
        return { items, next, fault: null };
      };
      search().then(finish, (error: unknown) => finish({ fault: faultOf(error) }));
    },
    [read],
  );

  const again = useCallback(() => load({ from: null, before: [], wanted: enough }), [load, enough]);
  /**
   * The same rows as they are now, those that are being fetched among them: what is under way may know
   * nothing of what was just done. Those that are shown stay until the answer is there.
   */
  const refresh = useCallback(() => {
    const wanted = Math.max(enough, count.current, call.current?.wanted ?? 0);
    load({ from: null, before: [], wanted, quiet: true });
  }, [load, enough]);
  /** As `refresh`, but ends nothing that is under way: one that is slow would never come to an end. */
  const look = useCallback(() => {
    if (call.current === null) refresh();
  }, [refresh]);

  /** What is known anew of single rows; the others are given back as they are. */
  const change = useCallback((each: (item: T) => T) => {
    setList((shown) => ({ ...shown, items: shown.items?.map(each) ?? null }));
  }, []);

  useEffect(() => {
    again();
    return () => call.current?.controller.abort();
  }, [again]);

  return {
    ...list,
    more: () => {
      const before = list.items ?? [];
      load({ from: list.next, before, wanted: before.length + enough });
    },
    again,
    refresh,
    look,
    change,
  };
}
