import { useCallback } from 'preact/hooks';
import { portalApi } from '../api/gateway-api.ts';
import { useLook } from './use-look.ts';
import { usePagedList } from './use-paged-list.ts';

/** Rows that are shown more at a time; a page of the gateway's may hold some of one's own besides. */
const PAGE = 50;

/** The longest page that the gateway gives. */
const LONGEST_PAGE = 200;

/** Open consoles of everybody but this person, the oldest first, as they are now. */
export function useOthers(user: string) {
  const read = useCallback(
    async (cursor: string | null, signal: AbortSignal, missing: number) => {
      const limit = Math.min(Math.max(missing, PAGE), LONGEST_PAGE);
      const { items, next } = await portalApi.consoles({ limit, cursor }, signal);
      return { items: items.filter((console) => console.user !== user), next };
    },
    [user],
  );
  const list = usePagedList(read, PAGE);
  useLook(list.look);
  return list;
}
