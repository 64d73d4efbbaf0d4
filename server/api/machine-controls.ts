import type { MachineControls } from '../contract/index.ts';
import type { ProviderMachine } from '../providers/provider.ts';

/** What a machine can be told, to somebody who may or who may not. */
export function controlsOf(machine: ProviderMachine, may: boolean): MachineControls {
  const { power, powerActions = [], bootDevices = [], identify, media } = machine;
  return {
    power,
    powerActions: may ? [...powerActions] : [],
    bootDevices: may ? [...bootDevices] : [],
    identify: may && identify === true,
    media: may && media === true,
  };
}
