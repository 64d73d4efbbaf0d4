import { ROLES, type Role } from '../../contract/index.ts';

/** What a source's groups give. Groups are compared as they are: sources differ in what is equal. */
export interface GroupMapping {
  /** Nobody comes in without it. */
  readonly requireGroup?: string | undefined;
  readonly groups: readonly GroupGrant[];
  /** For who is in none of `groups`; `none` keeps them out. */
  readonly defaultRole: 'customer' | 'none';
}

export interface GroupGrant {
  /** A group, or many by one `*`. */
  readonly group: string;
  readonly role: Role;
  /** `{group}` stands for what the `*` of `group` was, or for the group; `{name}` for the person. */
  readonly machines: readonly string[];
}

export interface Granted {
  readonly role: Role;
  readonly machines: readonly string[];
}

/**
 * The strongest role of all groups, and the machines of all of them.
 *
 * @returns undefined for somebody who may not come in.
 */
export function grantOf(
  person: { readonly name: string; readonly groups: readonly string[] },
  mapping: GroupMapping,
): Granted | undefined {
  const { requireGroup, groups, defaultRole } = mapping;
  if (requireGroup !== undefined && !person.groups.includes(requireGroup)) return undefined;
  const matched = groups.flatMap((grant) =>
    person.groups.flatMap((group) => {
      const meant = matchGroup(grant.group, group);
      return meant === undefined ? [] : [{ grant, meant }];
    }),
  );
  const roles = matched.map(({ grant }) => grant.role);
  const role = ROLES.findLast((each) => roles.includes(each));
  if (role === undefined) {
    return defaultRole === 'none' ? undefined : { role: defaultRole, machines: [] };
  }
  const machines = matched.flatMap(({ grant, meant }) =>
    grant.machines.flatMap((pattern) => fill(pattern, { name: person.name, group: meant })),
  );
  return { role, machines: [...new Set(machines)] };
}

/** What the pattern's `*` stands for, the group itself where there is none; undefined: not meant. */
function matchGroup(pattern: string, group: string): string | undefined {
  const [before = '', after] = pattern.split('*');
  if (after === undefined) return pattern === group ? group : undefined;
  const meant = group.slice(before.length, group.length - after.length);
  return meant !== '' && `${before}${meant}${after}` === group ? meant : undefined;
}

/** None where a name would bring a `*` of its own, which would mean any machine. */
function fill(pattern: string, values: { name: string; group: string }): string[] {
  let wild = false;
  const filled = pattern.replaceAll(/\{(name|group)\}/g, (_placeholder, key: 'name' | 'group') => {
    wild ||= values[key].includes('*');
    return values[key];
  });
  return wild ? [] : [filled];
}
