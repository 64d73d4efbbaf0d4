import type { ConsoleView } from '../../../server/contract/index.ts';
import { mayType } from './participants.ts';
import { isLive, type Page } from './page-state.ts';

/** Milliseconds before an idle console's end at which the page warns, where idleness may be long. */
const WARNING = 60_000;

/** Milliseconds for which the page's own input counts without the gateway's word that it does. */
const TRUST = 5000;

/** Milliseconds without input that the gateway allows from now; 0 where it does not say. */
export function idleSpanOf({ idleAt }: ConsoleView, serverTime: string | null): number {
  if (idleAt === null || serverTime === null) return 0;
  return Math.max(0, Date.parse(idleAt) - Date.parse(serverTime));
}

/**
 * Milliseconds until the console closes because nobody uses it, by the gateway's clock, once that is
 * to be said: in the last minute, or in the last half of a shorter time. Null before that, and when
 * a person has just acted.
 */
export function idleWarning(page: Page, now: number): number | null {
  const { console, usedAt } = page;
  // A guest who may not type can do nothing about it.
  if (page.viewer !== null && !mayType(page)) return null;
  if (!isLive(page.phase) || console === null || console.idleAt === null) return null;
  const end = Date.parse(console.idleAt) - page.clockOffset;
  const from = end - Math.min(WARNING, page.idleSpan / 2);
  if (now < from) return null;
  if (usedAt !== null && usedAt >= from && now - usedAt < TRUST) return null;
  return Math.max(0, end - now);
}
