import type { PowerAction } from '../../contract/index.ts';
import { GatewayError } from '../../errors.ts';
import { openWebSocketStream } from '../../platform/websocket-stream.ts';
import type { ProviderContext, RfbTarget } from '../provider-context.ts';
import type { Endpoint, Provider, ProviderMachine, ResolveRequest } from '../provider.ts';
import { mapInTurns } from '../map-in-turns.ts';
import type { CloudCall, CloudClient } from './client.ts';
import { connectCloud } from './connect-cloud.ts';
import { hasLabel, parseLabel } from './labels.ts';
import { type CloudServer, actionReply, consoleReply, serverReply } from './replies.ts';
import type { HetznerConfig } from './schema.ts';
import { allServers } from './all-servers.ts';
import { COMMANDS, machineOf, noScreen } from './server-machine.ts';

/** Ids are the cloud's numbers; whatever else is asked for there is not. */
const SERVER_ID = /^[1-9]\d{0,15}$/;
/** The background may wait for the cloud's limit longer than a person does. ms */
const LIST_PATIENCE_MS = 120_000;

/** The servers of one project in Hetzner's cloud, with the screen that the cloud gives of each. */
export class HetznerProvider implements Provider {
  readonly id: string;
  readonly #config: HetznerConfig;
  readonly #context: ProviderContext;
  readonly #client: CloudClient;

  constructor(config: HetznerConfig, context: ProviderContext) {
    this.id = config.id;
    this.#config = config;
    this.#context = context;
    this.#client = connectCloud(config, context.rateLimit);
  }

  async list(signal?: AbortSignal): Promise<readonly ProviderMachine[]> {
    const servers = await allServers(this.#client, {
      name: this.id,
      label: this.#config.label,
      call: { signal, patience: LIST_PATIENCE_MS },
    });
    const ours = servers.filter((server) => this.#isOurs(server));
    return mapInTurns(ours, (each) => this.#describe(each));
  }

  async get(machineId: string, signal?: AbortSignal): Promise<ProviderMachine | undefined> {
    const server = await this.#find(machineId, { signal });
    return server && this.#describe(server);
  }

  async resolve(request: ResolveRequest): Promise<Endpoint> {
    const { machineId, kind, onStep, onFault, signal } = request;
    if (kind !== 'vnc') {
      const message = `${this.id}:${machineId} has no ${kind} console`;
      throw new GatewayError('console_kind_unavailable', message);
    }
    const onWait = (): void => onStep('waiting-for-provider');
    const server = await this.#existing(machineId, { signal, onWait });
    const state = noScreen(server);
    if (state !== undefined) throw new GatewayError('machine_not_running', `${this.id}: ${state}`);
    return this.#context.bridges.open({
      reach: (within) => this.#reach(server, { signal: within, onWait }),
      onFault,
      signal,
    });
  }

  async power(machineId: string, action: PowerAction, signal?: AbortSignal): Promise<void> {
    const command = COMMANDS[action];
    if (command === undefined) {
      const message = `${this.id}:${machineId} cannot be told ${action}`;
      throw new GatewayError('power_unavailable', message);
    }
    // The label is looked at now: what an index remembers may be older than the label's end.
    const { id } = await this.#existing(machineId, { signal });
    const path = `/servers/${id}/actions/${command}`;
    const told = await this.#client.ask(actionReply, path, { method: 'POST', signal });
    if (!told) throw this.#notFound(machineId);
  }

  /** Asks for a console of a server that cannot be: a token that may only read is refused before. */
  async examine(signal?: AbortSignal): Promise<void> {
    const call = { method: 'POST', signal } as const;
    await this.#client.ask(consoleReply, '/servers/0/actions/request_console', call);
  }

  stop(): Promise<void> {
    return this.#client.close();
  }

  /** Asked for each time: the URL is good once and for a minute. */
  async #reach(server: CloudServer, call: CloudCall): Promise<RfbTarget> {
    const { ca, fingerprint, baseUrl } = this.#config;
    const path = `/servers/${server.id}/actions/request_console`;
    // The consoles of two people are two actions, which the cloud does one after the other.
    const asking = { ...call, method: 'POST', whileLocked: true } as const;
    const reply = await this.#client.ask(consoleReply, path, asking);
    if (!reply) throw this.#notFound(String(server.id));
    const url = new URL(reply.wss_url);
    if (url.protocol !== 'wss:' && !(url.protocol === 'ws:' && baseUrl.protocol === 'http:')) {
      const message = `${this.id}: the cloud gives a console that is not encrypted`;
      throw new GatewayError('provider_unavailable', message);
    }
    const { signal = new AbortController().signal } = call;
    return {
      stream: await openWebSocketStream(url, { name: 'the console', ca, fingerprint, signal }),
      password: reply.password,
    };
  }

  async #existing(machineId: string, call: CloudCall): Promise<CloudServer> {
    const server = await this.#find(machineId, call);
    if (!server) throw this.#notFound(machineId);
    return server;
  }

  /** A server without the label is not told from none. */
  async #find(machineId: string, call: CloudCall): Promise<CloudServer | undefined> {
    if (!SERVER_ID.test(machineId)) return undefined;
    const reply = await this.#client.ask(serverReply, `/servers/${machineId}`, call);
    return reply && this.#isOurs(reply.server) ? reply.server : undefined;
  }

  #isOurs({ labels }: CloudServer): boolean {
    const { label } = this.#config;
    return label === undefined || hasLabel(labels, parseLabel(label));
  }

  #describe(server: CloudServer): ProviderMachine {
    const { location = this.#context.defaultLocation, owner } = this.#config;
    return machineOf(server, { location, owner });
  }

  #notFound(machineId: string): GatewayError {
    return new GatewayError('machine_not_found', `${this.id}: there is no server ${machineId}`);
  }
}
