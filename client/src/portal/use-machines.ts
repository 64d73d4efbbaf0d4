import { useCallback } from 'preact/hooks';
import { portalApi } from '../api/gateway-api.ts';
import { usePagedList } from './use-paged-list.ts';

/** The machines that match a query. */
export function useMachines(query: string) {
  return usePagedList(
    useCallback(
      (cursor: string | null, signal: AbortSignal) => portalApi.machines(query, cursor, signal),
      [query],
    ),
  );
}
