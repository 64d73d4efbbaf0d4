import { ConfigError } from '../../../config.ts';
import type { Notes } from '../notes.ts';
import { hostsOf } from './host-pattern.ts';
import type { Inventory } from './inventory.ts';
import type { AnsibleYaml, Entry } from './ansible-yaml.ts';

/**
 * Adds what an inventory in YAML, or the JSON of `ansible-inventory --list`, says.
 *
 * @throws ConfigError naming the line that is none.
 */
export function readYamlInventory(yaml: AnsibleYaml, inventory: Inventory, notes: Notes): void {
  const groups = yaml.entries(yaml.root) ?? [];
  const names = new Set(groups.map(({ key }) => key));
  if (groups.length === 0) refuse(yaml, undefined, 'expected groups and their hosts');
  if (names.has('plugin')) {
    refuse(yaml, groups.find(({ key }) => key === 'plugin')?.line, PLUGIN);
  }
  for (const entry of groups) {
    if (entry.key === '_meta') readMeta(yaml, entry, inventory);
    else readGroup(yaml, entry, inventory, notes);
  }
}

const PLUGIN =
  'is the configuration of an inventory plugin: ' +
  'pipe `ansible-inventory --list` into `rackside import ansible -`';

/** `_meta.hostvars` of the JSON. */
function readMeta(yaml: AnsibleYaml, meta: Entry, inventory: Inventory): void {
  const hostvars = yaml.entries(meta.node)?.find(({ key }) => key === 'hostvars');
  for (const { key, node } of yaml.entries(hostvars?.node) ?? []) {
    inventory.hostFiles.set(key, yaml.variables(node) ?? new Map());
  }
}

function readGroup(yaml: AnsibleYaml, entry: Entry, inventory: Inventory, notes: Notes): void {
  const group = inventory.group(entry.key);
  const named = yaml.list(entry.node);
  const parts = named ? [{ ...entry, key: 'hosts' }] : yaml.entries(entry.node);
  if (!parts) return refuse(yaml, entry.line, `expected hosts, vars or children of ${entry.key}`);
  for (const part of parts) {
    const { key, node, line } = part;
    const items = (key === 'vars' ? undefined : yaml.list(node)) ?? yaml.entries(node);
    if (!['hosts', 'vars', 'children'].includes(key)) {
      notes.add({ file: yaml.file, line }, key, 'is neither hosts, vars nor children of a group');
    } else if (!items) {
      refuse(yaml, line, `expected a mapping of names under ${key}`);
    } else if (key === 'vars') {
      for (const [name, value] of yaml.variables(node) ?? []) group.vars.set(name, value);
    } else if (key === 'children') {
      for (const child of items) {
        group.children.add(child.key);
        readGroup(yaml, child, inventory, notes);
      }
    } else {
      for (const host of items) readHosts(yaml, host, entry.key, inventory);
    }
  }
}

function readHosts(yaml: AnsibleYaml, entry: Entry, group: string, inventory: Inventory): void {
  const { key, node, line } = entry;
  const place = { file: yaml.file, line };
  const vars = yaml.variables(node);
  if (!vars) return refuse(yaml, line, `expected the variables of ${key}`);
  try {
    const { hosts, port } = hostsOf(key);
    for (const name of hosts) {
      const host = inventory.host(name, group, place);
      if (port !== undefined) host.vars.set('ansible_port', { value: port, place });
      for (const [variable, value] of vars) host.vars.set(variable, value);
    }
  } catch (error) {
    refuse(yaml, line, (error as Error).message);
  }
}

function refuse(yaml: AnsibleYaml, line: number | undefined, message: string): never {
  throw new ConfigError(yaml.file, [{ path: line === undefined ? '' : `line ${line}`, message }]);
}
