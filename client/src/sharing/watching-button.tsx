import { Eye } from 'lucide-preact';
import { othersOf } from '../console/participants.ts';
import type { Page } from '../console/page-state.ts';
import { usePreferences } from '../preferences/preferences-context.tsx';

/** Says in the bar that somebody watches; to the holder it is also the way to who that is. */
export function WatchingButton({ page, onShare }: { page: Page; onShare: () => void }) {
  const { t } = usePreferences();
  const count = othersOf(page).length;
  if (count === 0 || page.viewer !== null || page.phase.name === 'ended') return null;
  const words = t('watch.watching', { count });
  return (
    <button
      type="button"
      class="bar-watching"
      data-testid="watching"
      title={words}
      aria-label={words}
      onClick={onShare}
    >
      <Eye aria-hidden="true" />
      <span class="bar-watching-words">{words}</span>
      <span class="bar-watching-count">{count}</span>
    </button>
  );
}
