import type { Vm } from './replies.ts';

/** What Sunstone sorts a VM by. */
export function labelsOf({ USER_TEMPLATE: { LABELS } }: Pick<Vm, 'USER_TEMPLATE'>): string[] {
  if (typeof LABELS !== 'string') return [];
  return LABELS.split(',')
    .map((one) => one.trim())
    .filter((one) => one !== '');
}

/**
 * What says whose a VM is: `user=` its OpenNebula user, `NAME=` each attribute, and its labels. They are
 * for the mapping alone: an attribute may hold what nobody else should read. A label cannot pass for one
 * of the others, whose names oned writes in capitals.
 */
export function ownerWordsOf(vm: Pick<Vm, 'UNAME' | 'USER_TEMPLATE'>): string[] {
  const said = Object.entries({ ...vm.USER_TEMPLATE, user: vm.UNAME }).flatMap(([name, value]) =>
    typeof value === 'string' ? [`${name}=${value.trim()}`] : [],
  );
  return [...said, ...labelsOf(vm).filter((label) => !label.includes('='))];
}
