import { useCallback } from 'preact/hooks';
import { portalApi } from '../api/gateway-api.ts';
import { type AuditFilter, queryOf } from './audit-filter.ts';
import { usePagedList } from './use-paged-list.ts';

/** Entries that are shown more at a time; the gateway may find fewer in one call. */
const PAGE = 50;

/** The entries of the audit trail that match, newest first. */
export function useAudit(filter: AuditFilter) {
  const read = useCallback(
    (cursor: string | null, signal: AbortSignal) => {
      const query = queryOf(filter, Date.now());
      return portalApi.audit({ ...query, limit: PAGE, ...(cursor && { cursor }) }, signal);
    },
    [filter],
  );
  return usePagedList(read, PAGE);
}
