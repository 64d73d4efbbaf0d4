import type { ConsoleKind, PowerAction, PowerState } from '../../contract/index.ts';
import type { Guest } from './replies.ts';

/** Words of the API for what is done to a guest. */
const WORDS: Readonly<Partial<Record<PowerAction, string>>> = {
  on: 'start',
  off: 'stop',
  reset: 'reset',
  shutdown: 'shutdown',
  reboot: 'reboot',
  suspend: 'suspend',
};

const RUNNING: Readonly<Record<Guest['type'], readonly PowerAction[]>> = {
  qemu: ['off', 'shutdown', 'reset', 'reboot', 'suspend'],
  // Proxmox can freeze containers only as an experiment, and has no reset for them.
  lxc: ['off', 'shutdown', 'reboot'],
};
/** A VM that stands still hears no request to shut down; `on` lets it go on. */
const PAUSED: readonly PowerAction[] = ['on', 'off', 'reset'];

/** QEMU's words for a VM that stands still (QAPI, RunState). */
const STANDS_STILL: ReadonlySet<string> = new Set(['paused', 'prelaunch', 'suspended', 'io-error']);
/** Its memory is on disk, and `on` takes it up again. */
const SUSPENDED_TO_DISK = 'suspended';

/** `VM web (100)`, `container mail (101)`; without a name where its node has not told one. */
export function titleOf({ type, vmid, name }: Guest): string {
  const what = type === 'qemu' ? 'VM' : 'container';
  return name ? `${what} ${name} (${vmid})` : `${what} ${vmid}`;
}

export function powerOf({ status, lock }: Guest): PowerState {
  if (status === 'stopped') return lock === SUSPENDED_TO_DISK ? 'paused' : 'off';
  if (status === 'unknown') return 'unknown';
  return STANDS_STILL.has(status) ? 'paused' : 'on';
}

/** Why no console of it opens now, a sentence; undefined where one does. */
export function noConsole(guest: Guest): string | undefined {
  const { status, lock, node } = guest;
  if (status === 'unknown') {
    return `${titleOf(guest)} is on node ${node}, which does not report: it may be offline`;
  }
  if (status !== 'stopped') return undefined;
  const how = lock === SUSPENDED_TO_DISK ? 'suspended to disk' : 'stopped';
  return `${titleOf(guest)} is ${how}`;
}

/** Nothing for a guest that Proxmox itself does something with: it would refuse. */
export function powerActionsOf({ type, status, lock }: Guest): readonly PowerAction[] {
  if (lock && lock !== SUSPENDED_TO_DISK) return [];
  if (status === 'unknown') return [];
  if (status === 'stopped') return ['on'];
  return STANDS_STILL.has(status) ? PAUSED : RUNNING[type];
}

/** The API's word; undefined where there is none. */
export function wordFor(action: PowerAction, { status }: Guest): string | undefined {
  return action === 'on' && status !== 'stopped' ? 'resume' : WORDS[action];
}

/** Why it cannot be told anything, or not this. */
export function stateOf({ status, lock }: Guest): string {
  if (lock && lock !== SUSPENDED_TO_DISK) return `locked (${lock})`;
  return status === 'unknown' ? 'on a node that does not report' : status;
}

/** A container has its terminal always, a VM where it has a serial port. */
export function kindsOf({ type }: Guest, hasSerial: boolean): readonly ConsoleKind[] {
  return type === 'lxc' || hasSerial ? ['vnc', 'terminal'] : ['vnc'];
}

/** The first serial port that Proxmox can open a terminal on: others are devices of the node. */
export function serialOf(config: Readonly<Record<string, unknown>>): string | undefined {
  return ['serial0', 'serial1', 'serial2', 'serial3'].find((port) => config[port] === 'socket');
}

/** Tags as labels, and the pool as `pool=NAME`. */
export function labelsOf({ tags = '', pool }: Guest): string[] {
  const found = tags.split(/[;,\s]+/).filter((tag) => tag !== '');
  return pool ? [...found, `pool=${pool}`] : found;
}
