import type { PowerAction } from '../../contract/index.ts';
import { GatewayError } from '../../errors.ts';
import type { ProviderContext } from '../provider-context.ts';
import type {
  Endpoint,
  GuacdProtocol,
  Provider,
  ProviderMachine,
  ResolveRequest,
} from '../provider.ts';
import type { StaticConfig, StaticMachine } from './schema.ts';
import { wake } from './wake-on-lan.ts';

type StaticConsole = NonNullable<StaticMachine['consoles'][GuacdProtocol]>;

/** Machines written down in the config file: an address and credentials for each console. */
export class StaticProvider implements Provider {
  readonly id: string;
  readonly #machines: ReadonlyMap<string, StaticMachine>;
  readonly #defaultLocation: string;

  constructor(config: StaticConfig, { defaultLocation }: ProviderContext) {
    this.id = config.id;
    this.#machines = new Map(config.machines.map((machine) => [machine.id, machine]));
    this.#defaultLocation = defaultLocation;
  }

  async list(): Promise<readonly ProviderMachine[]> {
    return [...this.#machines.values()].map((machine) => this.#describe(machine));
  }

  async get(machineId: string): Promise<ProviderMachine | undefined> {
    const machine = this.#machines.get(machineId);
    return machine && this.#describe(machine);
  }

  async resolve({ machineId, kind }: ResolveRequest): Promise<Endpoint> {
    const machine = this.#machines.get(machineId);
    if (!machine) throw this.#notFound(machineId);
    const protocol = protocolsOf(machine).find((known) => known === kind);
    const endpoint = protocol && machine.consoles[protocol];
    if (!endpoint) {
      throw new GatewayError(
        'console_kind_unavailable',
        `${this.id}:${machineId} has no ${kind} console`,
      );
    }
    return {
      protocol,
      host: endpoint.host,
      port: endpoint.port,
      parameters: parametersOf(endpoint),
      release: async () => undefined,
    };
  }

  async power(machineId: string, action: PowerAction): Promise<void> {
    const machine = this.#machines.get(machineId);
    if (!machine) throw this.#notFound(machineId);
    const { wakeOnLan } = machine;
    if (!wakeOnLan || action !== 'on') {
      const message = `${this.id}:${machineId} can be switched on by wakeOnLan alone`;
      throw new GatewayError('power_unavailable', message);
    }
    try {
      await wake(wakeOnLan);
    } catch (cause) {
      const message = `${this.id}: the packet for ${machineId} could not be sent`;
      throw new GatewayError('provider_unavailable', message, { cause });
    }
  }

  #notFound(machineId: string): GatewayError {
    return new GatewayError('machine_not_found', `${this.id}: there is no machine ${machineId}`);
  }

  #describe(machine: StaticMachine): ProviderMachine {
    return {
      id: machine.id,
      name: machine.name ?? machine.id,
      type: machine.type,
      location: machine.location ?? this.#defaultLocation,
      power: 'unknown',
      consoles: protocolsOf(machine),
      powerActions: machine.wakeOnLan ? ['on'] : [],
      owner: machine.owner ?? null,
      labels: machine.labels,
    };
  }
}

function protocolsOf(machine: StaticMachine): GuacdProtocol[] {
  return (Object.keys(machine.consoles) as GuacdProtocol[]).filter(
    (protocol) => machine.consoles[protocol] !== undefined,
  );
}

/** The named fields win over the same parameter under `params`. */
function parametersOf(endpoint: StaticConsole): Record<string, string> {
  const named = {
    username: endpoint.username,
    password: endpoint.password?.reveal(),
    ...('privateKey' in endpoint && {
      'private-key': endpoint.privateKey?.reveal(),
      passphrase: endpoint.passphrase?.reveal(),
    }),
  };
  const given = Object.entries(named).filter(([, value]) => value !== undefined);
  return { ...endpoint.params, ...(Object.fromEntries(given) as Record<string, string>) };
}
