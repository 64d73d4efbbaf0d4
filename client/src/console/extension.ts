import type { Page } from './page-state.ts';
import { timeLeft, warningOf } from './server-clock.ts';

/** Whether the gateway would give the console more time. */
export function isExtendable({ console, phase, viewer }: Page): boolean {
  if (console === null || phase.name === 'ended' || viewer !== null) return false;
  if (!console.may.extend || console.approval === 'pending') return false;
  return Date.parse(console.expiresAt) < Date.parse(console.extendableUntil);
}

/** Whether more time is to be offered unasked: the last minutes run, and there is more to be had. */
export function offersExtension(page: Page, now: number): boolean {
  const left = timeLeft(page, now);
  return left !== null && warningOf(left) !== null && isExtendable(page);
}
