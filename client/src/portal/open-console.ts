import type { ConsoleKind } from '../../../server/contract/index.ts';
import { portalApi } from '../api/gateway-api.ts';
import { type Opening, openInTab } from './open-in-tab.ts';
import { rememberOpened } from './opened-here.ts';

/** Opens a console in a tab of its own, and remembers that this browser did. */
export function openConsole(
  machine: string,
  kind: ConsoleKind,
  purpose: string | null,
): Promise<Opening> {
  return openInTab(async () => {
    const created = await portalApi.open(machine, kind, purpose);
    rememberOpened(created.id);
    return created;
  });
}
