import type { EngineVm } from './engine-vm.ts';
import { Refusal } from './refusal.ts';

const CONDITION = /^(name|cluster|tag|status) *(!?=) *("[^"]*"|[^\s"()]+)$/i;

const FIELDS: Readonly<Record<string, (vm: EngineVm) => readonly string[]>> = {
  name: ({ options }) => [options.name],
  cluster: ({ options }) => [options.cluster ?? 'Default'],
  tag: ({ options }) => options.tags ?? [],
  status: ({ status }) => [status],
};

/**
 * The engine's search language, as far as lists of VMs are narrowed by it: conditions joined by `and`
 * and `or`, values with `*` for anything.
 *
 * @throws Refusal for what the engine does not understand.
 */
export function readSearch(text = ''): (vm: EngineVm) => boolean {
  if (text === '') return () => true;
  const any = text
    .split(/ +or +/i)
    .map((side) => side.split(/ +and +/i).map((condition) => readCondition(condition)));
  return (vm) => any.some((all) => all.every((holds) => holds(vm)));
}

function readCondition(text: string): (vm: EngineVm) => boolean {
  const [, field = '', operator, raw = ''] = CONDITION.exec(text.trim()) ?? [];
  const valuesOf = FIELDS[field.toLowerCase()];
  if (!valuesOf) throw new Refusal(400, 'The search is not valid.');
  const parts = raw.replaceAll('"', '').split('*');
  const escaped = parts.map((part) => part.replaceAll(/[.+?^${}()|[\]\\]/g, String.raw`\$&`));
  const pattern = new RegExp(`^${escaped.join('.*')}$`, 'i');
  return (vm) => valuesOf(vm).some((value) => pattern.test(value)) === (operator === '=');
}
