import type { Page } from './page-state.ts';

/** Milliseconds until the console expires, by the gateway's clock; 0 when it has. */
export function timeLeft(page: Page, now: number): number | null {
  if (page.console === null) return null;
  return Math.max(0, Date.parse(page.console.expiresAt) - (now + page.clockOffset));
}

/** `1:59:42`, or `9:05` under an hour. */
export function formatLeft(milliseconds: number): string {
  const total = Math.round(milliseconds / 1000);
  const hours = Math.floor(total / 3600);
  const minutes = Math.floor((total % 3600) / 60);
  const seconds = String(total % 60).padStart(2, '0');
  return hours > 0
    ? `${hours}:${String(minutes).padStart(2, '0')}:${seconds}`
    : `${minutes}:${seconds}`;
}

/** Minutes before the end at which the page speaks up. */
const WARNINGS = [1, 5, 10] as const;

/** The smallest warning that is due with so much time left, in minutes; null while none is. */
export function warningOf(milliseconds: number): 1 | 5 | 10 | null {
  return WARNINGS.find((minutes) => milliseconds <= minutes * 60_000) ?? null;
}
