import { ConfigError } from '../../config.ts';
import { consolesOf } from './ansible/host-machine.ts';
import { HostVariables } from './ansible/host-variables.ts';
import { readInventory } from './ansible/read-inventory.ts';
import { faultsOfMachines } from './check-section.ts';
import { idsOf } from './machine-ids.ts';
import { Notes } from './notes.ts';
import { type Imported, staticSection } from './section.ts';
import { expandHome } from './source-text.ts';

/** Ansible takes it out itself: it is no variable of a host. */
const PRIORITY = 'ansible_group_priority';

/**
 * The hosts of an inventory, each with the console that its connection stands for and its groups as
 * labels.
 *
 * @throws ConfigError
 */
export function importAnsible(path: string): Imported {
  const notes = new Notes();
  const inventory = readInventory(expandHome(path), notes);
  const hosts = [...inventory.hosts.values()];
  const ids = idsOf(hosts.map(({ name }) => name));
  const others = new Map<string, Set<string>>();
  const found = hosts.flatMap((host) => {
    const vars = new HostVariables(host, inventory, notes);
    const consoles = consolesOf(host, vars, notes);
    if (!consoles) return [];
    for (const [key, { place }] of vars.unused) {
      if (key === PRIORITY) continue;
      if (key.startsWith('ansible_')) notes.add(place, key, 'is nothing that a console has');
      else others.set(place.file, new Set([...(others.get(place.file) ?? []), key]));
    }
    const labels = inventory.groupsOf(host).map(({ name }) => name);
    const { name, place } = host;
    const id = ids.get(name) ?? name;
    const machine = { id, name, ...(labels.length > 0 && { labels }), consoles };
    return [{ place, machine }];
  });
  for (const [file, names] of others) {
    notes.add({ file }, [...names].join(', '), 'are left to the playbooks');
  }
  const machines = found.map(({ machine }) => machine);
  const faults = faultsOfMachines(machines).map(({ at, path: key, message }) => {
    const { place, machine } = found[at] ?? {};
    return { path: `${place?.file}:${place?.line}, ${machine?.name}, ${key}`, message };
  });
  if (machines.length === 0) faults.push({ path: '', message: 'there is no host with a console' });
  if (faults.length > 0) throw new ConfigError(path, faults);
  return staticSection(machines, notes);
}
