import type { Guest, Permissions } from './replies.ts';

const NEEDED = ['VM.Console', 'VM.PowerMgmt'] as const;

/** What consoles and power need and is not given: `VM.Console on 2 of 5 guests, such as /vms/100`. */
export function lacking(guests: readonly Guest[], permissions: Permissions): string | undefined {
  const found = NEEDED.flatMap((privilege) => {
    const [first, ...others] = guests.filter(({ vmid }) => !has(permissions, vmid, privilege));
    if (!first) return [];
    const where = `${others.length + 1} of ${guests.length} guests, such as /vms/${first.vmid}`;
    return [`${privilege} on ${where}`];
  });
  return found.length > 0 ? found.join(' and ') : undefined;
}

/** A guest that no rule or pool names is not in the answer: what holds of all below /vms does then. */
function has(permissions: Permissions, vmid: number, privilege: string): boolean {
  const own = permissions[`/vms/${vmid}`];
  if (own) return Object.hasOwn(own, privilege);
  return permissions['/vms']?.[privilege] ?? permissions['/']?.[privilege] ?? false;
}
