import type { Principal } from './principal.ts';

interface OwnedMachine {
  readonly owner: string | null;
}

interface OwnedConsole {
  readonly user: string;
  readonly owner: string | null;
}

/** What each role may do; pure, so that a table tests it whole. */
export const policy = {
  /** List, see and open consoles of a machine: customers their own, staff all. */
  mayUseMachine(who: Principal, machine: OwnedMachine): boolean {
    return isStaff(who) || machine.owner === who.name;
  },

  /** Use machines whoever owns them. */
  mayUseAnyMachine(who: Principal): boolean {
    return isStaff(who);
  },

  /** Open a console in the name of somebody else, as a portal's token does. */
  mayActFor(who: Principal, user: string): boolean {
    return isStaff(who) || user === who.name;
  },

  /** See and close a console: the person it was opened for, the machine's owner, staff. */
  mayManageConsole(who: Principal, console: OwnedConsole): boolean {
    return isStaff(who) || console.user === who.name || console.owner === who.name;
  },
};

function isStaff(who: Principal): boolean {
  return who.role === 'support' || who.role === 'admin';
}
