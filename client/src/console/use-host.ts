import { toldOf } from '../embed/told-of.ts';
import { useTold } from '../embed/use-told.ts';
import type { ConsoleSession } from './console-session.ts';
import type { Page } from './page-state.ts';

/** Joins the page to the portal that shows it in a frame or has opened its tab, if one has. */
export function useHost(id: string, page: Page, session: ConsoleSession, focus: () => void): void {
  useTold(toldOf(page, id), (asked) => {
    if (asked === 'focus') focus();
    // One that is closed already, or cannot be reached, is told of by the page itself.
    else session.close().catch(() => undefined);
  });
}
