import type { PowerAction, PowerState } from '../../contract/index.ts';
import type { Vm } from './replies.ts';

/** States in which the engine gives out a ticket (its SetVmTicketCommand). */
const OPENS: ReadonlySet<string> = new Set([
  'up',
  'paused',
  'powering_up',
  'powering_down',
  'reboot_in_progress',
]);

interface StateRow {
  readonly power: PowerState;
  readonly actions: readonly PowerAction[];
}

/** What the engine takes in each state; a state that is not here can be switched off hard. */
const STATES: Readonly<Record<string, StateRow>> = {
  up: { power: 'on', actions: ['shutdown', 'reboot', 'suspend', 'reset', 'off'] },
  down: { power: 'off', actions: ['on'] },
  paused: { power: 'paused', actions: ['on', 'off'] },
  suspended: { power: 'paused', actions: ['on', 'off'] },
  powering_up: { power: 'changing', actions: ['shutdown', 'reboot', 'off'] },
  powering_down: { power: 'changing', actions: ['off'] },
  reboot_in_progress: { power: 'changing', actions: ['off'] },
  wait_for_launch: { power: 'changing', actions: ['off'] },
  migrating: { power: 'on', actions: ['shutdown', 'off'] },
  saving_state: { power: 'changing', actions: [] },
  restoring_state: { power: 'changing', actions: [] },
  image_locked: { power: 'changing', actions: [] },
};

/** The engine's word for each of ours. */
export const ENGINE_ACTIONS: Readonly<Partial<Record<PowerAction, string>>> = {
  on: 'start',
  off: 'stop',
  reset: 'reset',
  shutdown: 'shutdown',
  reboot: 'reboot',
  suspend: 'suspend',
};

export function powerOf({ status }: Vm): StateRow {
  return STATES[status] ?? { power: 'unknown', actions: ['off'] };
}

/** Why no console of it opens now, for people; undefined where one does. */
export function whyClosed({ name, status }: Vm): string | undefined {
  return OPENS.has(status) ? undefined : `VM ${name} is ${status.replaceAll('_', ' ')}`;
}
