import { GatewayError } from '../../errors.ts';
import type { PowerAction } from '../../contract/index.ts';
import { mapInTurns } from '../map-in-turns.ts';
import type { ProviderContext } from '../provider-context.ts';
import type {
  ConsoleFile,
  Endpoint,
  Provider,
  ProviderMachine,
  ResolveRequest,
} from '../provider.ts';
import { RemoteHttp } from '../remote-http.ts';
import { OvirtClient } from './client.ts';
import { OvirtConsole, hostCaMissing } from './console.ts';
import { machineOf } from './machine.ts';
import type { OvirtConfig } from './schema.ts';
import { OvirtSso } from './sso.ts';
import { ENGINE_ACTIONS, whyClosed } from './vm-state.ts';

/** The engine's ids of machines; nothing else is put into a path. */
const VM_ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Machines of an oVirt engine, or of one of its relatives (RHV, OLVM). */
export class OvirtProvider implements Provider {
  readonly id: string;
  readonly #config: OvirtConfig;
  readonly #context: ProviderContext;
  readonly #http: RemoteHttp;
  readonly #sso: OvirtSso;
  readonly #client: OvirtClient;
  readonly #console: OvirtConsole;

  constructor(config: OvirtConfig, context: ProviderContext) {
    const { id, url, ca, fingerprint, username, password, userLevel, timeout } = config;
    const { now } = context;
    this.id = id;
    this.#config = config;
    this.#context = context;
    this.#http = new RemoteHttp({ name: id, base: url, ca, fingerprint, timeout: timeout * 1000 });
    this.#sso = new OvirtSso({ name: id, http: this.#http, username, password, now });
    this.#client = new OvirtClient({ name: id, http: this.#http, sso: this.#sso, userLevel });
    this.#console = new OvirtConsole({ ...config, client: this.#client });
  }

  async list(signal?: AbortSignal): Promise<readonly ProviderMachine[]> {
    const vms = await this.#client.vms(this.#config.search, signal);
    return mapInTurns(vms, (vm) => machineOf(vm, this.#config, this.#context));
  }

  async get(machineId: string, signal?: AbortSignal): Promise<ProviderMachine | undefined> {
    if (!VM_ID.test(machineId)) return undefined;
    try {
      const vm = await this.#client.vm(machineId, signal);
      return machineOf(vm, this.#config, this.#context);
    } catch (error) {
      if (error instanceof GatewayError && error.status === 'machine_not_found') return undefined;
      throw error;
    }
  }

  async resolve({ machineId, kind, signal, onFault }: ResolveRequest): Promise<Endpoint> {
    this.#assertId(machineId);
    if (kind !== 'vnc') {
      const message = `${this.id}:${machineId} has no ${kind} console`;
      throw new GatewayError('console_kind_unavailable', message);
    }
    if (this.#config.vncSecurity === 'plain') {
      const { address, port, password } = await this.#console.open(machineId, signal);
      return {
        protocol: 'vnc',
        host: address,
        port,
        parameters: { password },
        freshUntil: this.#context.now() + this.#config.ticketExpiry * 1000,
        release: async () => undefined,
      };
    }
    return this.#context.bridges.open({
      // Each connection has a ticket of its own, wherever the machine has moved in between.
      reach: (each) => this.#console.reach(machineId, each),
      onFault,
      signal,
    });
  }

  async power(machineId: string, action: PowerAction, signal?: AbortSignal): Promise<void> {
    this.#assertId(machineId);
    const word = ENGINE_ACTIONS[action];
    if (word === undefined) {
      const message = `${this.id} has no ${action} for its machines`;
      throw new GatewayError('power_unavailable', message);
    }
    try {
      await this.#client.act(machineId, word, signal);
    } catch (error) {
      // What a console is refused for is here a machine in another state than it was.
      if (!(error instanceof GatewayError) || !REFUSALS.has(error.status)) throw error;
      throw new GatewayError('power_unavailable', error.message, { cause: error });
    }
  }

  async file(machineId: string, signal?: AbortSignal): Promise<ConsoleFile> {
    this.#assertId(machineId);
    if (!this.#config.consoleFile) {
      const message = `${this.id} gives no files for native clients: consoleFile is off`;
      throw new GatewayError('console_kind_unavailable', message);
    }
    const [vm, consoles] = await Promise.all([
      this.#client.vm(machineId, signal),
      this.#client.consoles(machineId, signal),
    ]);
    const closed = whyClosed(vm);
    if (closed !== undefined)
      throw new GatewayError('machine_not_running', `${this.id}: ${closed}`);
    // SPICE is what a native client is better for.
    const wanted = consoles.find(({ protocol }) => protocol === 'spice') ?? consoles[0];
    const file = wanted && (await this.#client.viewerFile(machineId, wanted.id, signal));
    if (file === undefined) {
      const message = `${this.id}: the engine gives no file for the console of VM ${vm.name}`;
      throw new GatewayError('console_kind_unavailable', message);
    }
    return {
      name: `${vm.name}.vv`,
      contentType: 'application/x-virt-viewer',
      text: file,
    };
  }

  /** Whether the hosts' certificates can be verified, where they are to be. */
  async examine(signal?: AbortSignal): Promise<void> {
    const { vncSecurity, hostCa } = this.#config;
    if (vncSecurity !== 'x509' || hostCa !== undefined) return;
    if ((await this.#client.hostsCa(signal)) === undefined) throw hostCaMissing(this.id);
  }

  async stop(): Promise<void> {
    await this.#sso.signOut();
    await this.#http.close();
  }

  #assertId(machineId: string): void {
    if (VM_ID.test(machineId)) return;
    throw new GatewayError('machine_not_found', `${this.id} has no VM ${machineId}`);
  }
}

const REFUSALS: ReadonlySet<string> = new Set(['machine_not_running', 'target_refused']);
