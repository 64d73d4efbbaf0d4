import { GatewayError } from '../../server/errors.ts';
import type { Endpoint, Provider, ProviderMachine } from '../../server/providers/provider.ts';

/** A machine of which only the named things matter. */
export function someMachine(id: string, more: Partial<ProviderMachine> = {}): ProviderMachine {
  return {
    ...{ id, name: id, type: 'vm', location: 'nl', power: 'on', consoles: ['vnc'], owner: null },
    ...more,
  };
}

/** A provider whose remote is this very object: it does what a test tells it to. */
export class ScriptedProvider implements Provider {
  readonly id: string;
  /** What `list` and `get` return, whatever it is. */
  machines: readonly ProviderMachine[];
  /** `down` fails at once, `hangs` never answers and looks at no signal. */
  mood: 'up' | 'down' | 'hangs' = 'up';
  /** Names of the calls that came. */
  readonly calls: string[] = [];
  /** Endpoints that were released. */
  released = 0;
  /** What the machine resolves to; a promise that a test settles. */
  endpoint: () => Promise<Endpoint>;

  constructor(id: string, ...machines: (string | ProviderMachine)[]) {
    this.id = id;
    this.machines = machines.map((one) => (typeof one === 'string' ? someMachine(one) : one));
    this.endpoint = async () => this.plainEndpoint();
  }

  plainEndpoint(): Endpoint {
    return {
      ...{ protocol: 'vnc', host: 'h', port: 5900, parameters: {} },
      release: async () => {
        this.released += 1;
      },
    };
  }

  async list(): Promise<readonly ProviderMachine[]> {
    await this.#called('list');
    return this.machines;
  }

  async get(id: string): Promise<ProviderMachine | undefined> {
    await this.#called('get');
    return this.machines.find((machine) => machine.id === id);
  }

  async resolve(): Promise<Endpoint> {
    await this.#called('resolve');
    return this.endpoint();
  }

  async power(): Promise<void> {
    await this.#called('power');
  }

  async #called(name: string): Promise<void> {
    this.calls.push(name);
    if (this.mood === 'down') throw new GatewayError('provider_unavailable', `${this.id} is down`);
    if (this.mood === 'hangs') await new Promise(() => undefined);
  }
}
