/** A provider whole: servers from an inventory over HTTP, each with SSH. docs/providers.md walks through it. */
import { z } from 'zod';
import { GatewayError } from '../server/errors.ts';
import { configId, secret, strict } from '../server/providers/config-fields.ts';
import { ownerOf, ownership } from '../server/providers/ownership.ts';
import type { ProviderContext } from '../server/providers/provider-context.ts';
import type {
  Endpoint,
  Provider,
  ProviderMachine,
  ResolveRequest,
} from '../server/providers/provider.ts';
import { RemoteHttp } from '../server/providers/remote-http.ts';

/** Its section of the configuration. */
export const rackConfig = strict({
  id: configId(),
  type: z.literal('rack'),
  url: z.url().transform((text) => new URL(text)),
  token: secret(),
  owner: ownership.optional(),
});

/** What the remote sends; what else it sends is none of our business. */
const serverReply = z.object({
  name: z.string(),
  address: z.string(),
  up: z.boolean(),
  labels: z.record(z.string(), z.string()).default({}),
});
const listReply = z.array(serverReply);

export class RackProvider implements Provider {
  readonly id: string;
  readonly #config: z.output<typeof rackConfig>;
  readonly #context: ProviderContext;
  readonly #http: RemoteHttp;

  constructor(config: z.output<typeof rackConfig>, context: ProviderContext) {
    this.id = config.id;
    this.#config = config;
    this.#context = context;
    this.#http = new RemoteHttp({ name: config.id, base: config.url });
  }

  async list(signal?: AbortSignal): Promise<readonly ProviderMachine[]> {
    return (await this.#servers(signal)).map((server) => this.#describe(server));
  }

  async get(machineId: string, signal?: AbortSignal): Promise<ProviderMachine | undefined> {
    return (await this.list(signal)).find(({ id }) => id === machineId);
  }

  async resolve({ machineId, kind, signal }: ResolveRequest): Promise<Endpoint> {
    const server = (await this.#servers(signal)).find(({ name }) => name === machineId);
    const which = `${this.id}: ${machineId}`;
    if (!server) throw new GatewayError('machine_not_found', `${which} is not there`);
    if (kind !== 'ssh') {
      throw new GatewayError('console_kind_unavailable', `${which} has no ${kind} console`);
    }
    const parameters = { username: 'root' };
    const release = async () => undefined;
    return { protocol: 'ssh', host: server.address, port: 22, parameters, release };
  }

  stop(): Promise<void> {
    return this.#http.close();
  }

  async #servers(signal?: AbortSignal): Promise<z.output<typeof listReply>> {
    const headers = { authorization: `Bearer ${this.#config.token.reveal()}` };
    const answer = await this.#http.call('/servers', { headers, signal });
    if (answer.status === 401) {
      throw new GatewayError('provider_refused', `${this.id} does not accept the token`);
    }
    return this.#http.parse(listReply, answer);
  }

  #describe({ name, address, up, labels }: z.output<typeof serverReply>): ProviderMachine {
    const words = Object.entries(labels).map((pair) => pair.join('='));
    return {
      ...{ id: name, name, type: 'server', location: this.#context.defaultLocation },
      ...{ power: up ? 'on' : 'off', consoles: ['ssh'], addresses: [address] },
      owner: ownerOf(words, this.#config.owner),
      labels: words,
    };
  }
}
