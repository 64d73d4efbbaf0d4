import type { ConsoleKind } from '../../../server/contract/index.ts';
import type { FaultCode } from '../api/fault-code.ts';
import { portalApi } from '../api/gateway-api.ts';
import { rememberOpened } from './opened-here.ts';

/** How opening a console went: in its tab, or where the tab was blocked, the console's URL. */
export type Opening =
  | { readonly opened: true }
  | { readonly blocked: string }
  | { readonly fault: FaultCode };

/**
 * Opens a console in a tab of its own. Call it from a click, synchronously: the tab is opened at once,
 * before the gateway has answered, so that no blocker of pop-ups takes it for one.
 */
export async function openConsole(
  machine: string,
  kind: ConsoleKind,
  purpose: string | null,
): Promise<Opening> {
  const tab = window.open('about:blank', '_blank');
  // A tab opened with `noopener` could not be led anywhere; this cuts the tie just as well.
  if (tab !== null) tab.opener = null;
  try {
    const { id, url } = await portalApi.open(machine, kind, purpose);
    rememberOpened(id);
    const { href, protocol } = new URL(url, location.href);
    if (protocol !== 'https:' && protocol !== 'http:')
      throw new Error('the console’s URL is not one of the web');
    if (tab === null || tab.closed) return { blocked: href };
    tab.location.replace(href);
    return { opened: true };
  } catch (error) {
    tab?.close();
    throw error;
  }
}
