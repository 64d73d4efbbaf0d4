import { ConfigError } from '../../../config.ts';
import type { SourceText } from '../source-text.ts';
import { literalOf, wordsOf } from './host-line.ts';
import { hostsOf } from './host-pattern.ts';
import { type Inventory, VAULT_HEADER, type Variables, VAULTED } from './inventory.ts';

const SECTION = /^\[([^:\]\s]+)(?::(\w+))?\]\s*(?:#.*)?$/;
const GROUP = /^([^:\]\s]+)\s*(?:#.*)?$/;

/**
 * Adds what an inventory in INI says.
 *
 * @throws ConfigError naming the first wrong line.
 */
export function readIni({ file, text }: SourceText, inventory: Inventory): void {
  let group = 'ungrouped';
  let state = 'hosts';
  /** Groups that have to be somewhere, and the line that says so. */
  const expected = new Map<string, number>();
  const declared = new Set(inventory.groups.keys());
  for (const [index, raw] of text.split(/\r?\n/).entries()) {
    const content = raw.trim();
    if (content === '' || /^[#;]/.test(content)) continue;
    const place = { file, line: index + 1 };
    const refuse = (message: string): never => {
      throw new ConfigError(file, [{ path: `line ${index + 1}`, message }]);
    };
    const section = SECTION.exec(content);
    if (section) {
      [, group = '', state = 'hosts'] = section;
      if (state === 'vars') expected.set(group, index + 1);
      else declared.add(group);
      inventory.group(group);
      if (!['hosts', 'vars', 'children'].includes(state)) {
        refuse(`expected [${group}], [${group}:vars] or [${group}:children]`);
      }
    } else if (/^\[[^\]]*\]$/.test(content)) {
      refuse('expected a section [group], without spaces in it');
    } else if (state === 'children') {
      const [, child] = GROUP.exec(content) ?? refuse('expected the name of a group');
      inventory.group(group).children.add(child ?? '');
      expected.set(child ?? '', index + 1);
    } else if (state === 'vars') {
      const [, key = '', value = ''] =
        /^([^=]*)=(.*)$/s.exec(content) ?? refuse('expected key=value');
      inventory.group(group).vars.set(key.trim(), { value: valueOf(value.trim()), place });
    } else {
      try {
        readHost(content, group, inventory, place);
      } catch (error) {
        refuse((error as Error).message);
      }
    }
  }
  for (const [name, line] of expected) {
    if (declared.has(name) || name === 'all' || name === 'ungrouped') continue;
    const message = `there is no group ${name}`;
    throw new ConfigError(file, [{ path: `line ${line}`, message }]);
  }
}

function readHost(
  content: string,
  group: string,
  inventory: Inventory,
  place: { file: string; line: number },
): void {
  const [pattern = '', ...assignments] = wordsOf(content);
  const { hosts, port } = hostsOf(pattern);
  const vars: Variables = new Map();
  if (port !== undefined) vars.set('ansible_port', { value: port, place });
  for (const assignment of assignments) {
    const equals = assignment.indexOf('=');
    if (equals < 0)
      throw new Error('expected key=value behind the host, with quotes around spaces');
    const value = valueOf(assignment.slice(equals + 1));
    vars.set(assignment.slice(0, equals), { value, place });
  }
  for (const name of hosts) {
    const host = inventory.host(name, group, place);
    for (const [key, variable] of vars) host.vars.set(key, variable);
  }
}

function valueOf(text: string): unknown {
  const value = literalOf(text);
  return typeof value === 'string' && value.startsWith(VAULT_HEADER) ? VAULTED : value;
}
