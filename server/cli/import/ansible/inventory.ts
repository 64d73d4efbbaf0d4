import type { Place } from '../notes.ts';

/** A variable's value and where it was set. */
export interface Variable {
  readonly value: unknown;
  readonly place: Place;
}

export type Variables = Map<string, Variable>;

/** How everything that ansible-vault encrypted begins. */
export const VAULT_HEADER = '$ANSIBLE_VAULT;';

/** What ansible-vault encrypted: nobody without its password reads it. */
export const VAULTED = Symbol('encrypted by ansible-vault');

export interface Group {
  readonly name: string;
  readonly vars: Variables;
  readonly children: Set<string>;
}

export interface Host {
  readonly name: string;
  readonly vars: Variables;
  /** Groups that name it themselves. */
  readonly groups: Set<string>;
  readonly place: Place;
}

/** Groups that every inventory has: they say nothing of a host. */
const IMPLIED = new Set(['all', 'ungrouped']);

/** Hosts and groups as Ansible puts them together from all sources of an inventory. */
export class Inventory {
  readonly groups = new Map<string, Group>();
  readonly hosts = new Map<string, Host>();
  /** Of `group_vars` and `host_vars`: they win over what the sources themselves say. */
  readonly groupFiles = new Map<string, Variables>();
  readonly hostFiles = new Map<string, Variables>();
  /** Made when they are asked for first, which is when all sources are read. */
  #parents: ReadonlyMap<string, readonly string[]> | undefined;
  readonly #depths = new Map<string, number>();

  group(name: string): Group {
    const group = this.groups.get(name) ?? { name, vars: new Map(), children: new Set() };
    this.groups.set(name, group);
    return group;
  }

  host(name: string, group: string, place: Place): Host {
    const host = this.hosts.get(name) ?? { name, vars: new Map(), groups: new Set(), place };
    this.hosts.set(name, host);
    this.group(group);
    host.groups.add(group);
    return host;
  }

  /** All groups that a host is in, by what they say of it: a group before the groups inside of it. */
  groupsOf(host: Host): readonly Group[] {
    const found = new Set(host.groups);
    // A group that is added while this runs is looked at, too: so all above are found.
    for (const name of found) for (const parent of this.#parentsOf(name)) found.add(parent);
    const ranked = [...found]
      .filter((name) => !IMPLIED.has(name))
      .map((name) => ({ group: this.group(name), depth: this.#depth(name) }));
    return ranked
      .toSorted(
        (one, other) =>
          one.depth - other.depth ||
          priorityOf(one.group) - priorityOf(other.group) ||
          (one.group.name < other.group.name ? -1 : 1),
      )
      .map(({ group }) => group);
  }

  /** What holds for a host, each variable from where Ansible would take it. */
  variablesOf(host: Host): Variables {
    const groups = this.groupsOf(host);
    const layers = [
      this.group('all').vars,
      ...(groups.length === 0 ? [this.group('ungrouped').vars] : []),
      ...groups.map(({ vars }) => vars),
      this.groupFiles.get('all'),
      ...groups.map(({ name }) => this.groupFiles.get(name)),
      host.vars,
      this.hostFiles.get(host.name),
    ];
    return new Map(layers.flatMap((layer) => [...(layer ?? [])]));
  }

  #parentsOf(name: string): readonly string[] {
    this.#parents ??= parentsIn(this.groups.values());
    return this.#parents.get(name) ?? [];
  }

  /** How many groups stand above it, at most. */
  #depth(name: string): number {
    const known = this.#depths.get(name);
    if (known !== undefined) return known;
    // Groups that contain each other, which Ansible refuses, come to an end here.
    this.#depths.set(name, 0);
    const parents = this.#parentsOf(name).filter((parent) => !IMPLIED.has(parent));
    const depth = Math.max(0, ...parents.map((parent) => 1 + this.#depth(parent)));
    this.#depths.set(name, depth);
    return depth;
  }
}

function parentsIn(groups: Iterable<Group>): ReadonlyMap<string, readonly string[]> {
  const parents = new Map<string, string[]>();
  for (const { name, children } of groups) {
    for (const child of children) {
      const known = parents.get(child);
      if (known) known.push(name);
      else parents.set(child, [name]);
    }
  }
  return parents;
}

function priorityOf({ vars }: Group): number {
  return Number(vars.get('ansible_group_priority')?.value ?? 1);
}
