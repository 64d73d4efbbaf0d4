import { readdirSync, statSync } from 'node:fs';
import { join, parse } from 'node:path';
import { ConfigError } from '../../../config.ts';
import type { Notes } from '../notes.ts';
import { readSource } from '../source-text.ts';
import { type Inventory, VAULT_HEADER, type Variables } from './inventory.ts';
import { AnsibleYaml } from './ansible-yaml.ts';

const NAMES = ['', '.yml', '.yaml', '.json'];

/**
 * Adds the variables that stand in files of their own beside an inventory: `group_vars/web.yml`,
 * `host_vars/web1/vault`.
 *
 * @throws ConfigError
 */
export function readVariableFiles(folder: string, inventory: Inventory, notes: Notes): void {
  read(join(folder, 'group_vars'), inventory.groupFiles, notes);
  read(join(folder, 'host_vars'), inventory.hostFiles, notes);
}

function read(folder: string, into: Map<string, Variables>, notes: Notes): void {
  for (const name of namesIn(folder)) {
    const path = join(folder, name);
    const isFolder = statSync(path).isDirectory();
    const whose = isFolder ? name : ownerOf(name);
    if (whose === undefined) continue;
    const vars = into.get(whose) ?? new Map();
    into.set(whose, vars);
    for (const file of isFolder ? filesBelow(path) : [path]) {
      for (const [key, variable] of variablesOf(file, notes)) vars.set(key, variable);
    }
  }
}

function variablesOf(path: string, notes: Notes): Variables {
  const source = readSource(path, notes);
  if (source.text.startsWith(VAULT_HEADER)) {
    notes.add({ file: path }, 'file', 'is encrypted by ansible-vault: its variables are not read');
    return new Map();
  }
  const yaml = new AnsibleYaml(source);
  const vars = yaml.variables(yaml.root);
  if (!vars) throw new ConfigError(path, [{ path: '', message: 'expected variables' }]);
  return vars;
}

function filesBelow(folder: string): readonly string[] {
  return namesIn(folder).flatMap((name) => {
    const path = join(folder, name);
    if (statSync(path).isDirectory()) return filesBelow(path);
    return ownerOf(name) === undefined ? [] : [path];
  });
}

/** In Ansible's order; none where there is no such folder. */
function namesIn(folder: string): readonly string[] {
  const found = statSync(folder, { throwIfNoEntry: false })?.isDirectory();
  return found
    ? readdirSync(folder)
        .filter((name) => !/^\.|~$/.test(name))
        .toSorted()
    : [];
}

/** A host's name may have dots: only the extensions that Ansible knows are taken off. */
function ownerOf(file: string): string | undefined {
  const { name, ext } = parse(file);
  if (NAMES.includes(ext)) return name;
  return ['.bak', '.swp', '.orig', '.md', '.txt'].includes(ext) ? undefined : file;
}
