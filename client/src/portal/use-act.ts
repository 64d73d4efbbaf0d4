import { useCallback, useState } from 'preact/hooks';
import { type FaultCode, faultOf } from '../api/fault-code.ts';

export interface Act {
  readonly busy: boolean;
  readonly fault: FaultCode | null;
  readonly run: (work: () => Promise<unknown>) => void;
}

/** Does one thing to one console at a time, and looks again afterwards however it went. */
export function useAct(onDone: () => void): Act {
  const [busy, setBusy] = useState(false);
  const [fault, setFault] = useState<FaultCode | null>(null);
  const run = useCallback(
    (work: () => Promise<unknown>) => {
      setBusy(true);
      setFault(null);
      work()
        .catch((error: unknown) => setFault(faultOf(error)))
        .finally(() => {
          setBusy(false);
          onDone();
        });
    },
    [onDone],
  );
  return { busy, fault, run };
}
