import { useCallback, useState } from 'preact/hooks';
import { type FaultCode, faultOf } from '../api/fault-code.ts';
import type { ConsoleSession } from '../console/console-session.ts';

export interface Control {
  readonly busy: boolean;
  /** Why keyboard and mouse did not change hands. */
  readonly fault: FaultCode | null;
  /** To the holder or to a guest by their id. */
  readonly give: (recipient: string) => void;
}

/** Hands over keyboard and mouse, once at a time. */
export function useControl(session: ConsoleSession): Control {
  const [busy, setBusy] = useState(false);
  const [fault, setFault] = useState<FaultCode | null>(null);
  const give = useCallback(
    (recipient: string) => {
      setBusy(true);
      setFault(null);
      session
        .control(recipient)
        .catch((error: unknown) => setFault(faultOf(error)))
        .finally(() => setBusy(false));
    },
    [session],
  );
  return { busy, fault, give };
}
