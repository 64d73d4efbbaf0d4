import { GatewayError } from '../../errors.ts';
import type { ProviderContext } from '../provider-context.ts';
import type {
  Endpoint,
  MachineLinks,
  Provider,
  ProviderMachine,
  ResolveRequest,
} from '../provider.ts';
import type { WebsockifyConfig } from './schema.ts';
import { TokenFolder } from './token-folder.ts';
import { type TokenMachine, type TokenMachines, hashOf, machinesOf } from './token-machines.ts';

/** Characters of a token that may let somebody in: shorter ones can be guessed. */
export const TOKEN_LENGTH = 12;

/** VNC servers by the token files with which a panel leads noVNC's websockify to them. */
export class WebsockifyProvider implements Provider {
  readonly id: string;
  readonly links?: MachineLinks;
  readonly #config: WebsockifyConfig;
  readonly #context: ProviderContext;
  readonly #folder: TokenFolder;
  #known: TokenMachines | null = null;

  constructor(config: WebsockifyConfig, context: ProviderContext) {
    this.id = config.id;
    this.#config = config;
    this.#context = context;
    this.#folder = new TokenFolder({
      name: config.id,
      path: config.path,
      log: context.log,
      onChange: () => {
        this.#known = null;
        context.refresh();
      },
    });
    if (config.links) {
      this.links = { ...config.links, machineOf: (token) => this.#machineOf(token) };
    }
  }

  async list(): Promise<readonly ProviderMachine[]> {
    await this.#folder.look();
    const { byId } = await this.#machines();
    return [...byId.values()].map((machine) => this.#describe(machine));
  }

  async get(machineId: string): Promise<ProviderMachine | undefined> {
    const machine = await this.#find(machineId);
    return machine && this.#describe(machine);
  }

  async resolve({ machineId, kind }: ResolveRequest): Promise<Endpoint> {
    const machine = await this.#find(machineId);
    if (!machine) {
      throw new GatewayError('machine_not_found', `${this.id}: there is no machine ${machineId}`);
    }
    if (kind !== 'vnc') {
      const message = `${this.id}:${machineId} has no ${kind} console`;
      throw new GatewayError('console_kind_unavailable', message);
    }
    const { host, port } = machine.target;
    const password = this.#config.password?.reveal();
    return {
      ...{ protocol: 'vnc', host, port },
      parameters: password === undefined ? {} : { password },
      release: async () => undefined,
    };
  }

  stop(): Promise<void> {
    return this.#folder.stop();
  }

  #describe({ id, name }: TokenMachine): ProviderMachine {
    const { location = this.#context.defaultLocation, owner = null } = this.#config;
    return { id, name, type: 'vm', location, power: 'unknown', consoles: ['vnc'], owner };
  }

  /** As its file says it now: a machine that has restarted may have another port. */
  async #find(id: string): Promise<TokenMachine | undefined> {
    const known = (await this.#machines()).byId.get(id);
    if (known) await this.#folder.reread(known.file);
    else await this.#folder.look();
    return (await this.#machines()).byId.get(id);
  }

  /** A panel writes the file and at once sends the browser: what tells of changes may be slower. */
  async #machineOf(token: string): Promise<string | undefined> {
    if (token.length < TOKEN_LENGTH) return undefined;
    const hash = hashOf(token);
    const known = (await this.#machines()).byToken.get(hash);
    if (known) await this.#folder.reread(known.file);
    else await this.#folder.look();
    return (await this.#machines()).byToken.get(hash)?.id;
  }

  async #machines(): Promise<TokenMachines> {
    const files = await this.#folder.files();
    const { machines = (await this.#folder.isFile()) ? 'lines' : 'files' } = this.#config;
    this.#known ??= machinesOf(files.values(), machines);
    return this.#known;
  }
}
