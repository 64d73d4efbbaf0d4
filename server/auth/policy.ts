import type { Principal } from './principal.ts';

interface OwnedMachine {
  readonly id: string;
  readonly owner: string | null;
}

interface OwnedConsole {
  readonly user: string;
  readonly owner: string | null;
}

/** What each role may do; pure, so that a table tests it whole. */
export const policy = {
  /** List, see and open consoles of a machine: customers their own and those granted, staff all. */
  mayUseMachine(who: Principal, machine: OwnedMachine): boolean {
    return (
      isStaff(who) ||
      machine.owner === who.name ||
      who.machines.some((pattern) => matchesMachine(pattern, machine.id))
    );
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

/** Whether a machine's id is meant by a pattern, in which `*` stands for any text. */
export function matchesMachine(pattern: string, id: string): boolean {
  const [first = '', ...rest] = pattern.split('*');
  if (rest.length === 0) return pattern === id;
  const last = rest.pop() ?? '';
  if (!id.startsWith(first) || id.length < first.length + last.length) return false;
  let from = first.length;
  for (const part of rest) {
    const at = id.indexOf(part, from);
    if (at < 0) return false;
    from = at + part.length;
  }
  return id.length - last.length >= from && id.endsWith(last);
}

function isStaff(who: Principal): boolean {
  return who.role === 'support' || who.role === 'admin';
}
