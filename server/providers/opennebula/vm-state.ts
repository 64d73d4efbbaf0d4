import type { PowerAction, PowerState } from '../../contract/index.ts';
import type { Vm } from './replies.ts';

/** VM_STATE of OpenNebula ("Virtual Machine States Reference"), by number. */
const STATES = [
  ...['INIT', 'PENDING', 'HOLD', 'ACTIVE', 'STOPPED', 'SUSPENDED', 'DONE', 'FAILED'],
  ...['POWEROFF', 'UNDEPLOYED', 'CLONING', 'CLONING_FAILURE'],
];
const ACTIVE = 3;
const SUSPENDED = 5;
const DONE = 6;

/** LCM_STATE, which an ACTIVE one goes through; those in which a VNC server runs. */
const WITH_CONSOLE: ReadonlySet<number> = new Set([
  ...[3, 4, 12, 13, 16, 17, 18, 24, 25, 26, 27, 28, 29, 57, 58, 62],
]);
const RUNNING = 3;
const UNKNOWN = 16;

const RUNNING_ACTIONS = ['off', 'shutdown', 'reset', 'reboot', 'suspend'] as const;

type InState = Pick<Vm, 'STATE' | 'LCM_STATE'>;

export function isGone({ STATE }: InState): boolean {
  return STATE === DONE;
}

export function hasConsole({ STATE, LCM_STATE }: InState): boolean {
  return STATE === ACTIVE && WITH_CONSOLE.has(LCM_STATE);
}

/** In OpenNebula's words: `POWEROFF`; where it is active the number of what goes on. */
export function stateName({ STATE, LCM_STATE }: InState): string {
  const name = STATES[STATE] ?? `state ${STATE}`;
  return STATE === ACTIVE ? `${name} (LCM state ${LCM_STATE})` : name;
}

export function powerOf({ STATE, LCM_STATE }: InState): PowerState {
  if (STATE === SUSPENDED) return 'paused';
  if (STATE !== ACTIVE) return STATE === 10 ? 'changing' : 'off';
  if (LCM_STATE === UNKNOWN) return 'unknown';
  return LCM_STATE === RUNNING ? 'on' : 'changing';
}

/** What `one.vm.action` takes in this state. */
export function powerActionsOf({ STATE, LCM_STATE }: InState): readonly PowerAction[] {
  const resumed = ['STOPPED', 'SUSPENDED', 'POWEROFF', 'UNDEPLOYED'];
  if (resumed.includes(STATES[STATE] ?? '')) return ['on'];
  if (STATE !== ACTIVE) return [];
  if (LCM_STATE === UNKNOWN) return ['on', 'off'];
  return LCM_STATE === RUNNING ? RUNNING_ACTIONS : [];
}

/** The words of `one.vm.action`. */
export const VM_ACTIONS: Readonly<Partial<Record<PowerAction, string>>> = {
  on: 'resume',
  off: 'poweroff-hard',
  shutdown: 'poweroff',
  reset: 'reboot-hard',
  reboot: 'reboot',
  suspend: 'suspend',
};
