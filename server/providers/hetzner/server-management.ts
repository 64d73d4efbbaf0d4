import { GatewayError } from '../../errors.ts';
import type { CloudClient } from './client.ts';
import { hasLabel, parseLabel } from './labels.ts';
import {
  type CloudServer,
  actionReply,
  createdReply,
  datacentersReply,
  imagesReply,
  serverReply,
  serversReply,
} from './replies.ts';
import type { HetznerConfig } from './schema.ts';

export interface NewServer {
  readonly name: string;
  readonly type: string;
  readonly image: string;
  readonly datacenter: string | undefined;
}

export interface CreatedServer {
  readonly id: number;
  readonly addresses: readonly string[];
  /** Null where the image lets people in by their SSH keys alone. */
  readonly rootPassword: string | null;
}

/** The most that the cloud gives at once; it has fewer of either. */
const MOST = 50;

/**
 * Makes, labels and deletes servers of a project, by the same rules as consoles and power: what has not
 * the configured label is not there, what is made begins with the configured prefix and has the label.
 */
export class ServerManagement {
  readonly #client: CloudClient;
  readonly #config: HetznerConfig;

  constructor(client: CloudClient, config: HetznerConfig) {
    this.#client = client;
    this.#config = config;
  }

  /** Names of what servers can be made of: the cloud's own images. */
  async images(): Promise<readonly string[]> {
    const query = { type: 'system', page: 1, per_page: MOST };
    const reply = await this.#client.ask(imagesReply, '/images', { query });
    return namesOf(reply?.images);
  }

  /** Names of where servers can be made. */
  async datacenters(): Promise<readonly string[]> {
    const query = { page: 1, per_page: MOST };
    const reply = await this.#client.ask(datacentersReply, '/datacenters', { query });
    return namesOf(reply?.datacenters);
  }

  /** @throws GatewayError `forbidden` for a name without the prefix. */
  async create({ name, type, image, datacenter }: NewServer): Promise<CreatedServer> {
    const { id, namePrefix = '', label } = this.#config;
    if (!name.startsWith(namePrefix)) {
      throw new GatewayError('forbidden', `${id}: names of new servers begin with ${namePrefix}`);
    }
    const { key, value = '' } = parseLabel(label ?? '');
    const body = {
      ...{ name, image, server_type: type },
      ...(datacenter !== undefined && { datacenter }),
      ...(label !== undefined && { labels: { [key]: value } }),
    };
    const reply = await this.#client.ask(createdReply, '/servers', {
      method: 'POST',
      body: JSON.stringify(body),
    });
    if (!reply) throw new GatewayError('provider_unavailable', `${id}: the cloud makes no servers`);
    const { server, root_password } = reply;
    const { ipv4, ipv6 } = server.public_net ?? {};
    const addresses = [ipv4?.ip, ipv6?.ip].filter((ip) => ip !== undefined);
    return { id: server.id, addresses, rootPassword: root_password ?? null };
  }

  async delete(name: string): Promise<void> {
    const { id } = await this.#find(name);
    await this.#client.ask(actionReply, `/servers/${id}`, { method: 'DELETE' });
  }

  /**
   * Sets a label, or takes it away where `value` is null.
   *
   * @throws GatewayError `forbidden` for the label by which the gateway knows its servers.
   */
  async label(name: string, key: string, value: string | null): Promise<void> {
    const { id: provider, label } = this.#config;
    if (label !== undefined && parseLabel(label).key === key) {
      const message = `${provider}: ${key} is the label by which the gateway knows its servers`;
      throw new GatewayError('forbidden', message);
    }
    const { id, labels } = await this.#find(name);
    const { [key]: _old, ...others } = labels;
    const body = JSON.stringify({ labels: value === null ? others : { ...others, [key]: value } });
    await this.#client.ask(serverReply, `/servers/${id}`, { method: 'PUT', body });
  }

  /** By its name, which the cloud lets only one have. */
  async #find(name: string): Promise<CloudServer> {
    const { id, label } = this.#config;
    const reply = await this.#client.ask(serversReply, '/servers', { query: { name } });
    const server = reply?.servers.find((each) => each.name === name);
    if (server && (label === undefined || hasLabel(server.labels, parseLabel(label)))) {
      return server;
    }
    throw new GatewayError('machine_not_found', `${id}: there is no server ${name}`);
  }
}

function namesOf(items: readonly { readonly name: string | null }[] = []): string[] {
  return items.flatMap(({ name }) => name ?? []);
}
