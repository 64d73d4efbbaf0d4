import { useCallback, useEffect, useState } from 'preact/hooks';
import type {
  ApiTokenView,
  CreateApiTokenRequest,
  CreatedApiToken,
} from '../../../server/contract/index.ts';
import { accountApi } from '../api/account-api.ts';
import { type FaultCode, faultOf } from '../api/fault-code.ts';

export interface Tokens {
  /** The newest first; null until they are known. */
  readonly items: readonly ApiTokenView[] | null;
  /** The one that was just made: only now is it known. */
  readonly made: CreatedApiToken | null;
  readonly busy: boolean;
  readonly fault: FaultCode | null;
  /** Resolves to whether it was made. */
  readonly make: (wish: CreateApiTokenRequest) => Promise<boolean>;
  /** Resolves once it was tried. */
  readonly revoke: (id: string) => Promise<void>;
  /** Forgets the token that was made. */
  readonly forget: () => void;
}

/** The API tokens of this person. */
export function useTokens(owner: string): Tokens {
  const [items, setItems] = useState<readonly ApiTokenView[] | null>(null);
  const [made, setMade] = useState<CreatedApiToken | null>(null);
  const [busy, setBusy] = useState(false);
  const [fault, setFault] = useState<FaultCode | null>(null);

  const load = useCallback(async () => {
    const all = await accountApi.tokens(owner);
    setItems(all.toSorted((a, b) => (a.createdAt < b.createdAt ? 1 : -1)));
  }, [owner]);
  const run = useCallback(async (work: () => Promise<unknown>): Promise<boolean> => {
    setBusy(true);
    setFault(null);
    try {
      await work();
      return true;
    } catch (error) {
      setFault(faultOf(error));
      return false;
    } finally {
      setBusy(false);
    }
  }, []);
  useEffect(() => void run(load), [run, load]);

  return {
    items,
    made,
    busy,
    fault,
    make: (wish) =>
      run(async () => {
        setMade(await accountApi.makeToken(wish));
        await load();
      }),
    revoke: async (id) => {
      const revoked = await run(() => accountApi.revokeToken(id));
      if (revoked) setMade((now) => (now?.id === id ? null : now));
      // Also after a refusal: what was refused may be gone already.
      await load().catch((error: unknown) => setFault(faultOf(error)));
    },
    forget: () => setMade(null),
  };
}
