import { useCallback, useEffect, useState } from 'preact/hooks';
import type { CreatedShare, ShareRequest, ShareView } from '../../../server/contract/index.ts';
import { type FaultCode, faultOf } from '../api/fault-code.ts';
import type { ConsoleSession } from '../console/console-session.ts';

export interface Shares {
  /** Null until they are known. */
  readonly items: readonly ShareView[] | null;
  /** The link that was just made: only now is its URL known. */
  readonly made: CreatedShare | null;
  readonly busy: boolean;
  readonly fault: FaultCode | null;
  readonly make: (wish: ShareRequest) => void;
  readonly revoke: (share: string) => void;
  /** Forgets the URL of the link that was made. */
  readonly another: () => void;
}

/**
 * The console's links while their dialog is open. `version` is whatever changes when they may have
 * changed elsewhere.
 */
export function useShares(session: ConsoleSession, open: boolean, version: string): Shares {
  const [items, setItems] = useState<readonly ShareView[] | null>(null);
  const [made, setMade] = useState<CreatedShare | null>(null);
  const [busy, setBusy] = useState(false);
  const [fault, setFault] = useState<FaultCode | null>(null);

  const load = useCallback(async () => {
    const shares = await session.shares();
    setItems(
      shares.filter(
        ({ revoked, expiresAt }) => !revoked && Date.parse(expiresAt) > session.serverNow(),
      ),
    );
  }, [session]);
  useEffect(() => {
    if (open) load().catch((error: unknown) => setFault(faultOf(error)));
  }, [open, load, version]);
  useEffect(() => {
    if (open) return;
    setMade(null);
    setFault(null);
  }, [open]);

  const run = (work: () => Promise<void>) => {
    setBusy(true);
    setFault(null);
    work()
      .then(load)
      .catch((error: unknown) => setFault(faultOf(error)))
      .finally(() => setBusy(false));
  };
  return {
    items,
    made,
    busy,
    fault,
    make: (wish) => run(async () => setMade(await session.share(wish))),
    revoke: (share) =>
      run(async () => {
        await session.revoke(share);
        setMade((now) => (now?.id === share ? null : now));
      }),
    another: () => setMade(null),
  };
}
