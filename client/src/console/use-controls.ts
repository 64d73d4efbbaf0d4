import { useCallback, useEffect, useState } from 'preact/hooks';
import type { MachineControls } from '../../../server/contract/index.ts';
import { useFollow } from '../portal/use-follow.ts';
import type { ConsoleSession } from './console-session.ts';

/**
 * What the console's machine can be told, as it was when `wanted` became true or the machine was told
 * something; null where that is not known, so that nothing is offered.
 */
export function useControls(session: ConsoleSession, wanted: boolean) {
  const [controls, setControls] = useState<MachineControls | null>(null);
  useEffect(() => {
    if (!wanted) return;
    const left = new AbortController();
    const { signal } = left;
    session.controls(signal).then(
      (found) => !signal.aborted && setControls(found),
      () => !signal.aborted && setControls(null),
    );
    return () => left.abort();
  }, [session, wanted]);
  const look = useCallback((signal: AbortSignal) => session.controls(signal), [session]);
  return { controls, follow: useFollow(look, setControls) };
}
