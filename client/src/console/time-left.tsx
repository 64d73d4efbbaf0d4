import { usePreferences } from '../preferences/preferences-context.tsx';
import type { Page } from './page-state.ts';
import { formatLeft, timeLeft, warningOf } from './server-clock.ts';
import { useNow } from './use-now.ts';

/** The time left by the gateway's clock; pointing at it tells the moment of the end. */
export function TimeLeft({ page }: { page: Page }) {
  const { t, time } = usePreferences();
  const left = timeLeft(page, useNow(500));
  if (left === null || page.console === null) return null;
  const shown = formatLeft(left);
  const end = time(new Date(page.console.expiresAt));
  const words = t('bar.timeLeft', { left: shown, time: end });
  return (
    <span
      class="bar-time"
      role="timer"
      data-testid="time-left"
      data-warning={warningOf(left) ?? undefined}
      title={words}
      aria-label={words}
    >
      {shown}
    </span>
  );
}
