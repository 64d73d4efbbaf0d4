import type { PowerAction } from '../../contract/index.ts';
import { GatewayError } from '../../errors.ts';
import type { ProviderContext } from '../provider-context.ts';
import type { Endpoint, Provider, ProviderMachine, ResolveRequest } from '../provider.ts';
import { mapInTurns } from '../map-in-turns.ts';
import { ownerOf } from '../ownership.ts';
import { OpenNebulaClient } from './client.ts';
import { labelsOf, ownerWordsOf } from './vm-labels.ts';
import type { Vm } from './replies.ts';
import type { OpenNebulaConfig } from './schema.ts';
import { addressesOf, consolesOf, isOnlySpice, kindsOf, otherGraphics } from './vm-consoles.ts';
import { VM_ACTIONS, hasConsole, isGone, powerActionsOf, powerOf, stateName } from './vm-state.ts';

/** VMs of an OpenNebula, which its oned is asked about. */
export class OpenNebulaProvider implements Provider {
  readonly id: string;
  readonly #config: OpenNebulaConfig;
  readonly #context: ProviderContext;
  readonly #client: OpenNebulaClient;

  constructor(config: OpenNebulaConfig, context: ProviderContext) {
    this.id = config.id;
    this.#config = config;
    this.#context = context;
    this.#client = new OpenNebulaClient(config);
  }

  async list(signal?: AbortSignal): Promise<readonly ProviderMachine[]> {
    const unreadable = (count: number): void =>
      this.#context.log.warn({ count }, 'VMs are not as they should be, and are left out');
    const vms = await this.#client.vms(unreadable, signal);
    const there = vms.filter((vm) => !isGone(vm));
    return mapInTurns(there, (vm) => this.#describe(vm));
  }

  async get(machineId: string, signal?: AbortSignal): Promise<ProviderMachine | undefined> {
    const vm = await this.#vm(machineId, signal);
    return vm && this.#describe(vm);
  }

  async resolve({ machineId, kind, signal }: ResolveRequest): Promise<Endpoint> {
    const vm = await this.#known(machineId, signal);
    if (!hasConsole(vm)) {
      throw new GatewayError('machine_not_running', `${this.id}: ${this.#sentence(vm)}`);
    }
    const found = consolesOf(vm).find(({ protocol }) => protocol === kind);
    if (!found) {
      const graphics = otherGraphics(vm);
      const has = kind === 'vnc' && graphics ? `its graphics are ${graphics}` : 'it has none';
      const message = `${this.id}: VM ${vm.NAME} can show no ${kind} console: ${has}`;
      throw new GatewayError('console_kind_unavailable', message);
    }
    const { hosts } = this.#config;
    const host =
      kind === 'vnc' && Object.hasOwn(hosts, found.host) ? hosts[found.host] : found.host;
    return { ...found, host: host ?? found.host, release: async () => undefined };
  }

  async power(machineId: string, action: PowerAction, signal?: AbortSignal): Promise<void> {
    const vm = await this.#known(machineId, signal);
    const word = VM_ACTIONS[action];
    if (word === undefined || !powerActionsOf(vm).includes(action)) {
      const message = `${this.id}: VM ${vm.NAME} is ${stateName(vm)} and cannot be told ${action}`;
      throw new GatewayError('power_unavailable', message);
    }
    await this.#client.action(vm.ID, word, signal);
  }

  stop(): Promise<void> {
    return this.#client.close();
  }

  async #known(machineId: string, signal?: AbortSignal): Promise<Vm> {
    const vm = await this.#vm(machineId, signal);
    if (vm) return vm;
    throw new GatewayError('machine_not_found', `${this.id} has no VM ${machineId}`);
  }

  async #vm(machineId: string, signal?: AbortSignal): Promise<Vm | undefined> {
    if (!/^(0|[1-9]\d{0,8})$/.test(machineId)) return undefined;
    const vm = await this.#client.vm(Number(machineId), signal);
    return vm && !isGone(vm) ? vm : undefined;
  }

  #describe(vm: Vm): ProviderMachine {
    const { location = this.#context.defaultLocation, owner } = this.#config;
    return {
      id: String(vm.ID),
      name: vm.NAME.trim() || `VM ${vm.ID}`,
      type: 'vm',
      location,
      power: powerOf(vm),
      consoles: kindsOf(vm),
      ...(isOnlySpice(vm) && { onlySpice: true }),
      powerActions: powerActionsOf(vm),
      owner: ownerOf(ownerWordsOf(vm), owner),
      labels: labelsOf(vm),
      addresses: [...vm.TEMPLATE.NIC, ...vm.TEMPLATE.NIC_ALIAS].flatMap(addressesOf),
      ...this.#state(vm),
    };
  }

  /** Why no console of it opens, where none does. */
  #state(vm: Vm): Pick<ProviderMachine, 'state'> {
    if (!hasConsole(vm)) return { state: this.#sentence(vm) };
    const graphics = kindsOf(vm).length === 0 && otherGraphics(vm);
    return graphics
      ? { state: `VM ${vm.NAME} has ${graphics} graphics, which cannot be shown` }
      : {};
  }

  #sentence(vm: Vm): string {
    return `VM ${vm.NAME} is ${stateName(vm)}`;
  }
}
