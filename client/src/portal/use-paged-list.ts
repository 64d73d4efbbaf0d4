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

const EMPTY = { items: null, next: null, fault: null, busy: false };

/**
 * A list that the gateway gives page by page; an answer that comes too late is dropped.
 *
 * @param read the page after a cursor; another function is another list, which begins anew.
 * @param enough a page may hold fewer: it is asked on until there are so many more, or no more.
 */
export function usePagedList<T>(
  read: (cursor: string | null, signal: AbortSignal) => Promise<Page<T>>,
  enough = 1,
) {
  const [list, setList] = useState<List<T>>(EMPTY);
  const call = useRef<AbortController | null>(null);

  const load = useCallback(
    (from: string | null, before: readonly T[]) => {
      call.current?.abort();
      const controller = new AbortController();
      const { signal } = controller;
      call.current = controller;
      const show = (change: Partial<List<T>>): void => {
        if (!signal.aborted) setList((shown) => ({ ...shown, ...change }));
      };
      show({ fault: null, busy: true });
      const search = async (): Promise<void> => {
        let items = before;
        let next = from;
        do {
          const page = await read(next, signal);
          items = [...items, ...page.items];
          next = page.next;
          show({ items, next });
        } while (next !== null && items.length < before.length + enough);
      };
      search().then(
        () => show({ busy: false }),
        (error: unknown) => show({ fault: faultOf(error), busy: false }),
      );
    },
    [read, enough],
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
