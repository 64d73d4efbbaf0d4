import type { PowerAction, PowerState } from '../../contract/index.ts';
import { type Ownership, ownerOf } from '../ownership.ts';
import type { ProviderMachine } from '../provider.ts';
import type { CloudServer } from './replies.ts';

interface State {
  readonly power: PowerState;
  /** Whether its screen can be looked at. */
  readonly screen: boolean;
  readonly actions: readonly PowerAction[];
}

const RUNNING: readonly PowerAction[] = ['off', 'reset', 'shutdown', 'reboot'];

/** The cloud's states (docs.hetzner.cloud, servers, `status`). */
const STATES: Readonly<Record<string, State>> = {
  initializing: { power: 'changing', screen: false, actions: [] },
  starting: { power: 'changing', screen: true, actions: RUNNING },
  running: { power: 'on', screen: true, actions: RUNNING },
  stopping: { power: 'changing', screen: true, actions: ['off'] },
  off: { power: 'off', screen: false, actions: ['on'] },
  deleting: { power: 'changing', screen: false, actions: [] },
  rebuilding: { power: 'changing', screen: false, actions: [] },
  migrating: { power: 'changing', screen: true, actions: [] },
};
/** `unknown`, and what the cloud may come to say. */
const UNKNOWN: State = { power: 'unknown', screen: true, actions: ['on', ...RUNNING] };

/** The cloud's words for what it is told; all but `on` for a server that runs. */
export const COMMANDS: Readonly<Partial<Record<PowerAction, string>>> = {
  on: 'poweron',
  off: 'poweroff',
  reset: 'reset',
  shutdown: 'shutdown',
  reboot: 'reboot',
};

/** Why no console of it opens now; undefined where one does. */
export function noScreen({ name, status }: CloudServer): string | undefined {
  const { screen } = stateOf(status);
  return screen ? undefined : `server ${name} is ${status}`;
}

export function machineOf(
  server: CloudServer,
  { location, owner }: { readonly location: string; readonly owner: Ownership | undefined },
): ProviderMachine {
  const { id, name, status } = server;
  const { power, actions } = stateOf(status);
  const state = noScreen(server);
  const labels = Object.entries(server.labels).map(([key, value]) =>
    value ? `${key}=${value}` : key,
  );
  return {
    id: String(id),
    name,
    type: 'vm',
    location,
    power,
    consoles: ['vnc'],
    powerActions: actions,
    owner: ownerOf(labels, owner),
    labels,
    addresses: addressesOf(server),
    ...(state !== undefined && { state }),
  };
}

function addressesOf({ public_net, private_net }: CloudServer): string[] {
  const found = [public_net?.ipv4?.ip, public_net?.ipv6?.ip, ...(private_net ?? []).map(ipOf)];
  return found.filter((ip) => ip !== undefined);
}

function ipOf({ ip }: { readonly ip: string }): string {
  return ip;
}

function stateOf(status: string): State {
  return (Object.hasOwn(STATES, status) && STATES[status]) || UNKNOWN;
}
