import { useCallback, useEffect, useState } from 'preact/hooks';
import { type FaultCode, faultOf } from '../api/fault-code.ts';
import type { ConsoleSession } from './console-session.ts';

export interface Extend {
  readonly busy: boolean;
  /** Why there is no more time; null where nothing went wrong lately. */
  readonly fault: FaultCode | null;
  /** Whether there has just been more time. */
  readonly done: boolean;
  readonly run: () => void;
}

type Outcome = Pick<Extend, 'fault' | 'done'>;

const NOTHING: Outcome = { fault: null, done: false };

/** Milliseconds for which an outcome is shown. */
const SHOWN = 12_000;

/** Asks the gateway for more time, once at a time. */
export function useExtend(session: ConsoleSession): Extend {
  const [busy, setBusy] = useState(false);
  const [outcome, setOutcome] = useState(NOTHING);

  useEffect(() => {
    if (outcome === NOTHING) return undefined;
    const timer = setTimeout(() => setOutcome(NOTHING), SHOWN);
    return () => clearTimeout(timer);
  }, [outcome]);

  const run = useCallback(() => {
    setBusy(true);
    setOutcome(NOTHING);
    session
      .extend()
      .then(
        () => setOutcome({ fault: null, done: true }),
        (error: unknown) => setOutcome({ fault: faultOf(error), done: false }),
      )
      .finally(() => setBusy(false));
  }, [session]);
  return { busy, ...outcome, run };
}
