import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import type { InsertRequest, MediaView } from '../../../server/contract/index.ts';
import { type FaultCode, faultOf } from '../api/fault-code.ts';
import type { MachineCalls } from '../api/machine-calls.ts';

/** What was done last. */
export interface MediaDone {
  readonly what: 'inserted' | 'ejected';
  readonly drive: string;
}

export interface Media {
  /** Null until it is known. */
  readonly view: MediaView | null;
  readonly busy: boolean;
  readonly fault: FaultCode | null;
  readonly done: MediaDone | null;
  readonly insert: (wish: InsertRequest) => void;
  readonly eject: (drive: string) => void;
  readonly look: () => void;
}

/** A server's drives, one thing at a time: looked at now, and after each change however it went. */
export function useMedia(calls: Pick<MachineCalls, 'media' | 'insert' | 'eject'>): Media {
  const [view, setView] = useState<MediaView | null>(null);
  const [busy, setBusy] = useState(false);
  const [fault, setFault] = useState<FaultCode | null>(null);
  const [done, setDone] = useState<MediaDone | null>(null);
  const left = useRef<AbortController | null>(null);

  const run = useCallback(
    async (work: () => Promise<MediaDone | null>) => {
      const { signal } = (left.current ??= new AbortController());
      setBusy(true);
      setFault(null);
      setDone(null);
      const failed = (error: unknown) => {
        if (!signal.aborted) setFault(faultOf(error));
      };
      const result = await work().catch(failed);
      const seen = await calls.media(signal).catch(failed);
      if (signal.aborted) return;
      if (seen) setView(seen);
      if (result) setDone(result);
      setBusy(false);
    },
    [calls],
  );
  const look = useCallback(() => void run(async () => null), [run]);
  useEffect(() => {
    look();
    return () => {
      left.current?.abort();
      left.current = null;
    };
  }, [look]);

  return {
    ...{ view, busy, fault, done, look },
    insert: (wish) =>
      void run(async () => ({ what: 'inserted', drive: (await calls.insert(wish)).id })),
    eject: (drive) =>
      void run(async () => {
        await calls.eject(drive);
        return { what: 'ejected', drive };
      }),
  };
}
