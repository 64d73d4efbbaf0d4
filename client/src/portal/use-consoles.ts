import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import type { ConsoleView } from '../../../server/contract/index.ts';
import { type FaultCode, faultOf } from '../api/fault-code.ts';
import { portalApi } from '../api/gateway-api.ts';
import { useLook } from './use-look.ts';

export interface Consoles {
  /** Open consoles of the person who asks. */
  readonly own: readonly ConsoleView[];
  /** Those that wait for this person's approval. */
  readonly waiting: readonly ConsoleView[];
  readonly fault: FaultCode | null;
  readonly refresh: () => void;
}

type Lists = Pick<Consoles, 'own' | 'waiting' | 'fault'>;

/** What is open and what waits, looked up again and again while the portal is seen. */
export function useConsoles(user: string): Consoles {
  const [lists, setLists] = useState<Lists>({ own: [], waiting: [], fault: null });
  const call = useRef<AbortController | null>(null);

  const refresh = useCallback(() => {
    call.current?.abort();
    const { signal } = (call.current = new AbortController());
    Promise.all([portalApi.consolesOf(user, signal), portalApi.approvals(signal)]).then(
      ([own, waiting]) => {
        if (signal.aborted) return;
        setLists({ own, waiting, fault: null });
      },
      (error: unknown) => {
        if (!signal.aborted) setLists((shown) => ({ ...shown, fault: faultOf(error) }));
      },
    );
  }, [user]);

  useLook(refresh);
  useEffect(() => () => call.current?.abort(), []);
  return { ...lists, refresh };
}
