import type { PowerAction } from '../../contract/index.ts';
import { GatewayError } from '../../errors.ts';
import { mapInTurns } from '../map-in-turns.ts';
import { ownerOf } from '../ownership.ts';
import type { ProviderContext, RfbTarget, TerminalTarget } from '../provider-context.ts';
import type { Endpoint, Provider, ProviderMachine, ResolveRequest } from '../provider.ts';
import { RemoteFault } from '../remote-fault.ts';
import type { ProxmoxClient } from './client.ts';
import { connectCluster } from './connect-cluster.ts';
import {
  kindsOf,
  labelsOf,
  noConsole,
  powerActionsOf,
  powerOf,
  serialOf,
  stateOf,
  titleOf,
  wordFor,
} from './guest-state.ts';
import type { Guest } from './replies.ts';
import type { ProxmoxConfig } from './schema.ts';
import { lacking } from './privileges.ts';
import { enterTermproxy } from './term-stream.ts';

/** Ids are the cluster's numbers, which a guest keeps on whichever node it is. */
const VMID = /^[1-9]\d{2,8}$/;

type Locate = (signal: AbortSignal) => Promise<Guest>;

/** VMs and containers of a Proxmox VE cluster: the screens, and the terminals that it gives of them. */
export class ProxmoxProvider implements Provider {
  readonly id: string;
  readonly #config: ProxmoxConfig;
  readonly #context: ProviderContext;
  readonly #client: ProxmoxClient;

  constructor(config: ProxmoxConfig, context: ProviderContext) {
    this.id = config.id;
    this.#config = config;
    this.#context = context;
    this.#client = connectCluster(config, context.now);
  }

  async list(signal?: AbortSignal): Promise<readonly ProviderMachine[]> {
    const { serialTag } = this.#config;
    const guests = await this.#guests(signal);
    return mapInTurns(guests, (guest) =>
      this.#describe(guest, serialTag !== undefined && labelsOf(guest).includes(serialTag)),
    );
  }

  async get(machineId: string, signal?: AbortSignal): Promise<ProviderMachine | undefined> {
    const listed = await this.#find(machineId, signal);
    if (!listed) return undefined;
    try {
      const guest = await this.#client.refreshed(listed, signal);
      return this.#describe(guest, (await this.#serial(guest, signal)) !== undefined);
    } catch (error) {
      const { status } = error as GatewayError;
      if (status === 'machine_not_found') return undefined;
      // The others go on saying for a while what they have last heard.
      if (status === 'target_unreachable') {
        return this.#describe({ ...listed, status: 'unknown' }, false);
      }
      throw error;
    }
  }

  async resolve({ machineId, kind, onFault, signal }: ResolveRequest): Promise<Endpoint> {
    const guest = await this.#existing(machineId, signal);
    if (kind !== 'vnc' && kind !== 'terminal') throw this.#noKind(guest, kind);
    const state = noConsole(guest);
    if (state !== undefined) throw new GatewayError('machine_not_running', `${this.id}: ${state}`);
    const { bridges } = this.#context;
    const locate = this.#locator(guest);
    if (kind === 'vnc') {
      const reach = (within: AbortSignal) => this.#reachScreen(locate, within);
      return bridges.open({ reach, onFault, signal });
    }
    if (guest.type === 'qemu' && (await this.#serial(guest, signal)) === undefined) {
      throw this.#noKind(guest, 'terminal', ': it has no serial port (`serial0: socket`)');
    }
    const reach = (within: AbortSignal) => this.#reachTerminal(locate, within);
    return bridges.openTerminal({ reach, onFault, signal });
  }

  async power(machineId: string, action: PowerAction, signal?: AbortSignal): Promise<void> {
    const guest = await this.#existing(machineId, signal);
    const word = wordFor(action, guest);
    if (word === undefined || !powerActionsOf(guest).includes(action)) {
      const message = `${this.id}: ${titleOf(guest)} is ${stateOf(guest)} and cannot be told ${action}`;
      throw new GatewayError('power_unavailable', message);
    }
    await this.#client.command(guest, word, signal);
  }

  /** Whether consoles and power may be had of what is listed. */
  async examine(signal?: AbortSignal): Promise<void> {
    const [guests, permissions] = [
      await this.#guests(signal),
      await this.#client.permissions(signal),
    ];
    const lacks = lacking(guests, permissions);
    if (lacks === undefined) return;
    throw new GatewayError(
      'provider_refused',
      `${this.id}: ${this.#client.account} lacks ${lacks}`,
      {
        cause: new RemoteFault('PERMISSION'),
      },
    );
  }

  stop(): Promise<void> {
    return this.#client.close();
  }

  /** Where a guest is at each connection: it may have moved to another node since the one before. */
  #locator(guest: Guest): Locate {
    let seen: Guest | undefined = guest;
    return async (signal) => {
      const justSeen = seen;
      seen = undefined;
      return justSeen ?? this.#located(String(guest.vmid), signal);
    };
  }

  async #reachScreen(locate: Locate, signal: AbortSignal): Promise<RfbTarget> {
    const guest = await locate(signal);
    const proxy = await this.#client.proxy(guest, 'vncproxy', { websocket: '1' }, signal);
    const stream = await this.#client.socket(guest, proxy, signal);
    return { stream, password: proxy.password ?? proxy.ticket };
  }

  async #reachTerminal(locate: Locate, signal: AbortSignal): Promise<TerminalTarget> {
    const guest = await locate(signal);
    const serial = await this.#serial(guest, signal);
    const proxy = await this.#client.proxy(guest, 'termproxy', serial ? { serial } : {}, signal);
    const socket = await this.#client.socket(guest, proxy, signal);
    try {
      const name = `${this.id}: ${titleOf(guest)}`;
      return await enterTermproxy(socket, { name, ...proxy }, signal);
    } catch (cause) {
      const refused =
        cause instanceof GatewayError && cause.status === 'target_credentials_refused';
      if (!refused) throw cause;
      const why = this.#config.token
        ? 'Proxmox VE before 9.2 lets no API token into a terminal: configure username and password'
        : 'the terminal does not accept the ticket that Proxmox has just given for it';
      throw new GatewayError('provider_refused', `${this.id}: ${why}`, { cause });
    }
  }

  /** The serial port of a VM for a terminal; a container needs none. */
  async #serial(guest: Guest, signal: AbortSignal | undefined): Promise<string | undefined> {
    if (guest.type === 'lxc') return undefined;
    return serialOf(await this.#client.config(guest, signal));
  }

  async #existing(machineId: string, signal: AbortSignal | undefined): Promise<Guest> {
    return this.#client.refreshed(await this.#located(machineId, signal), signal);
  }

  async #located(machineId: string, signal: AbortSignal | undefined): Promise<Guest> {
    const found = await this.#find(machineId, signal);
    if (found) return found;
    throw new GatewayError('machine_not_found', `${this.id} has no guest ${machineId}`);
  }

  async #find(machineId: string, signal: AbortSignal | undefined): Promise<Guest | undefined> {
    if (!VMID.test(machineId)) return undefined;
    return (await this.#guests(signal)).find(({ vmid }) => String(vmid) === machineId);
  }

  /** Templates never run. */
  async #guests(signal: AbortSignal | undefined): Promise<readonly Guest[]> {
    const unreadable = (count: number): void =>
      this.#context.log.warn({ count }, 'guests are not as they should be, and are left out');
    const guests = await this.#client.guests(unreadable, signal);
    return guests.filter(({ template }) => !template);
  }

  #describe(guest: Guest, hasSerial: boolean): ProviderMachine {
    const { location = this.#context.defaultLocation, owner } = this.#config;
    const labels = labelsOf(guest);
    const state = noConsole(guest);
    return {
      ...{ id: String(guest.vmid), name: guest.name || titleOf(guest), type: 'vm', location },
      ...{ power: powerOf(guest), consoles: kindsOf(guest, hasSerial) },
      powerActions: powerActionsOf(guest),
      ...{ owner: ownerOf(labels, owner), labels },
      ...(state !== undefined && { state }),
    };
  }

  #noKind(guest: Guest, kind: string, why = ''): GatewayError {
    const message = `${this.id}: ${titleOf(guest)} has no ${kind} console${why}`;
    return new GatewayError('console_kind_unavailable', message);
  }
}
