import { type Stats, readdirSync, statSync } from 'node:fs';
import { basename, dirname, extname, join } from 'node:path';
import { ConfigError } from '../../../config.ts';
import type { Notes } from '../notes.ts';
import { type SourceText, readSource, unreadable } from '../source-text.ts';
import { Inventory, VAULT_HEADER } from './inventory.ts';
import { AnsibleYaml } from './ansible-yaml.ts';
import { readIni } from './read-ini.ts';
import { readVariableFiles } from './read-variable-files.ts';
import { readYamlInventory } from './read-yaml-inventory.ts';

const YAML_NAMES = ['.yml', '.yaml', '.json'];
/** What Ansible passes over in a folder, by its own default. */
const PASSED_OVER = ['.pyc', '.pyo', '.swp', '.bak', '.rpm', '.md', '.txt', '.rst'].concat([
  ...['.orig', '.ini', '.cfg', '.retry', '.py'],
]);
const VARIABLE_FOLDERS = ['group_vars', 'host_vars', 'vars_plugins'];
const LIST = 'pipe `ansible-inventory --list` into `rackside import ansible -`';

/**
 * An inventory as Ansible puts it together of a file or a folder, with `group_vars` and `host_vars`
 * beside it; `-` is an inventory on standard input.
 *
 * @throws ConfigError naming file and line.
 */
export function readInventory(path: string, notes: Notes): Inventory {
  const inventory = new Inventory();
  if (path === '-') {
    readFile(path, inventory, notes);
    return inventory;
  }
  const isFolder = statOf(path).isDirectory();
  if (isFolder) readFolder(path, inventory, notes);
  else readFile(path, inventory, notes);
  readVariableFiles(isFolder ? path : dirname(path), inventory, notes);
  return inventory;
}

function readFolder(folder: string, inventory: Inventory, notes: Notes): void {
  for (const name of readdirSync(folder).toSorted()) {
    const path = join(folder, name);
    const stats = statOf(path);
    if (name.startsWith('.') || (stats.isDirectory() && VARIABLE_FOLDERS.includes(name))) continue;
    const place = { file: path };
    if (stats.isDirectory()) readFolder(path, inventory, notes);
    else if (name.endsWith('~') || PASSED_OVER.includes(extname(name))) {
      notes.add(
        place,
        'file',
        'in a folder Ansible passes over files of this name, and so is it here',
      );
    } else {
      const source = readSource(path, notes);
      const reason = notForUs(source.text, path);
      if (reason === undefined) readText(source, inventory, notes);
      else notes.add(place, 'file', reason);
    }
  }
}

function readFile(path: string, inventory: Inventory, notes: Notes): void {
  const source = readSource(path, notes);
  const reason = notForUs(source.text, path);
  if (reason !== undefined) throw new ConfigError(source.file, [{ path: '', message: reason }]);
  readText(source, inventory, notes);
}

function readText(source: SourceText, inventory: Inventory, notes: Notes): void {
  if (isYaml(source)) readYamlInventory(new AnsibleYaml(source), inventory, notes);
  else readIni(source, inventory);
}

/** Why only Ansible itself can read it. */
function notForUs(text: string, path: string): string | undefined {
  if (text.startsWith(VAULT_HEADER)) return `is encrypted by ansible-vault: ${LIST}`;
  if (text.startsWith('#!')) return `is a program, which is not run: ${LIST}`;
  if (extname(path) === '.toml') return `is TOML: ${LIST}`;
  return undefined;
}

/** By its name, else by its first line that says something: YAML begins with a key, `---` or `{`. */
function isYaml({ file, text }: SourceText): boolean {
  const extension = extname(basename(file));
  if (YAML_NAMES.includes(extension)) return true;
  if (extension === '.ini') return false;
  const first = text.split(/\r?\n/).find((line) => !/^\s*(#|;|$)/.test(line)) ?? '';
  return /^(---|\s*\{|["']?[\w.-]+["']?:(\s|$))/.test(first);
}

function statOf(path: string): Stats {
  try {
    return statSync(path);
  } catch (cause) {
    throw unreadable(path, cause);
  }
}
