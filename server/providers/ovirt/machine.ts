import { ownerOf } from '../ownership.ts';
import type { ProviderContext } from '../provider-context.ts';
import type { ProviderMachine } from '../provider.ts';
import type { Vm } from './replies.ts';
import type { OvirtConfig } from './schema.ts';
import { powerOf, whyClosed } from './vm-state.ts';

/** A machine of the engine's in our words. */
export function machineOf(
  vm: Vm,
  { location, owner, consoleFile }: Pick<OvirtConfig, 'location' | 'owner' | 'consoleFile'>,
  { defaultLocation }: Pick<ProviderContext, 'defaultLocation'>,
): ProviderMachine {
  const { power, actions } = powerOf(vm);
  const state = whyClosed(vm);
  const onlySpice = isOnlySpice(vm);
  const tags = vm.tags?.tag ?? [];
  const properties = vm.custom_properties?.custom_property ?? [];
  const labels = [
    ...tags.map(({ name }) => name),
    ...properties.map(({ name, value = '' }) => `${name}=${value}`),
  ];
  return {
    id: vm.id,
    name: vm.name,
    type: 'vm',
    location: location ?? defaultLocation,
    power,
    consoles: onlySpice ? [] : ['vnc'],
    powerActions: actions,
    owner: ownerOf(labels, owner),
    file: consoleFile && state === undefined,
    ...(onlySpice && { onlySpice }),
    ...(state !== undefined && { state }),
    labels,
    addresses: vm.fqdn ? [vm.fqdn] : [],
  };
}

/** Of a machine that runs, what it shows now; of another, what it is made for. */
function isOnlySpice({ graphics_consoles, display }: Vm): boolean {
  const current = graphics_consoles?.graphics_console ?? [];
  const protocols = current.length > 0 ? current.map(({ protocol }) => protocol) : [display?.type];
  return protocols.every((protocol) => protocol === 'spice');
}
