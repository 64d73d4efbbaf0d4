import { useCallback, useState } from 'preact/hooks';
import type { MachineView, ProviderView } from '../../../server/contract/index.ts';
import { portalApi } from '../api/gateway-api.ts';
import { usePagedList } from './use-paged-list.ts';

/** The machines that match a query; for staff, how it goes with the providers that they come from. */
export function useMachines(query: string) {
  const [providers, setProviders] = useState<readonly ProviderView[]>([]);
  const list = usePagedList(
    useCallback(
      async (cursor: string | null, signal: AbortSignal) => {
        const page = await portalApi.machines(query, cursor, signal);
        setProviders(page.providers);
        return page;
      },
      [query],
    ),
  );
  const { change } = list;
  const put = useCallback(
    (seen: MachineView) => change((machine) => (machine.id === seen.id ? seen : machine)),
    [change],
  );
  return { ...list, providers, put };
}
