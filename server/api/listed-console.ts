import type { Policy } from '../auth/policy.ts';
import type { Principal } from '../auth/principal.ts';
import { type ConsoleRecord, viewOf } from '../consoles/console.ts';
import type { ListedConsole } from '../contract/index.ts';

/** Consoles as a list shows them to one caller. */
export function listedFor(policy: Policy, who: Principal) {
  return (record: ConsoleRecord): ListedConsole => ({
    ...viewOf(record),
    actions: policy.actionsOnConsole(who, record),
  });
}
