import { z } from 'zod';
import type { BootDevice, PowerAction } from '../contract/index.ts';
import { GatewayError } from '../errors.ts';
import { BmcProvider } from './bmc/index.ts';
import { bmcConfig } from './bmc/schema.ts';
import { HetznerProvider } from './hetzner/index.ts';
import { hetznerConfig } from './hetzner/schema.ts';
import { OvirtProvider } from './ovirt/index.ts';
import { ovirtConfig } from './ovirt/schema.ts';
import { OpenNebulaProvider } from './opennebula/index.ts';
import { openNebulaConfig } from './opennebula/schema.ts';
import { ProxmoxProvider } from './proxmox/index.ts';
import { proxmoxConfig } from './proxmox/schema.ts';
import type { ProviderContext } from './provider-context.ts';
import type { ConsoleFile, Machine, MachineLinks, MediaPort, Provider } from './provider.ts';
import { StaticProvider } from './static/index.ts';
import { staticConfig } from './static/schema.ts';
import { WebsockifyProvider } from './websockify/index.ts';
import { websockifyConfig } from './websockify/schema.ts';

/** Every type of provider: its section's schema. A new provider adds its line here… */
export const providerConfigs = z.discriminatedUnion('type', [
  staticConfig,
  websockifyConfig,
  openNebulaConfig,
  hetznerConfig,
  ovirtConfig,
  proxmoxConfig,
  bmcConfig,
]);
export type ProviderConfig = z.output<typeof providerConfigs>;

/** …and its factory here; the compiler asks for it. */
export function createProvider(config: ProviderConfig, context: ProviderContext): Provider {
  switch (config.type) {
    case 'static':
      return new StaticProvider(config, context);
    case 'ovirt':
      return new OvirtProvider(config, context);
    case 'opennebula':
      return new OpenNebulaProvider(config, context);
    case 'websockify':
      return new WebsockifyProvider(config, context);
    case 'proxmox':
      return new ProxmoxProvider(config, context);
    case 'hetzner':
      return new HetznerProvider(config, context);
    case 'bmc':
      return new BmcProvider(config, context);
  }
}

/** A machine that a link's own token leads to, and on which terms. */
export interface LinkedMachine {
  readonly machine: Machine;
  readonly links: MachineLinks;
}

/** All providers as one: public ids in, machines out, each asked of its provider now. */
export class ProviderRegistry {
  readonly #providers: ReadonlyMap<string, Provider>;

  constructor(providers: readonly Provider[]) {
    this.#providers = new Map(providers.map((provider) => [provider.id, provider]));
  }

  /** @throws GatewayError `machine_not_found`, `provider_unavailable`. */
  async get(id: string): Promise<Machine> {
    const machine = await this.find(id);
    if (!machine) {
      throw new GatewayError('machine_not_found', `there is no machine ${JSON.stringify(id)}`);
    }
    return machine;
  }

  /**
   * Switches a machine; resolves when whoever runs it has been told.
   *
   * @throws GatewayError `power_unavailable` where that cannot be done to it now, `machine_not_found`,
   * `provider_unavailable`.
   */
  async power({ id, localId, provider, powerActions = [] }: Machine, action: PowerAction) {
    if (!provider.power || !powerActions.includes(action)) {
      const has = powerActions.join(', ');
      const message = has
        ? `${id} cannot be told ${action} now, but: ${has}`
        : `${id} cannot be switched from here`;
      throw new GatewayError('power_unavailable', message);
    }
    await provider.power(localId, action);
  }

  /** What it starts from the next time. @throws GatewayError as `power` does. */
  async boot({ id, localId, provider, bootDevices = [] }: Machine, device: BootDevice) {
    if (!provider.boot || !bootDevices.includes(device)) {
      const has = bootDevices.join(', ') || 'nothing';
      const message = `${id} cannot be told to start from ${device}, but: ${has}`;
      throw new GatewayError('power_unavailable', message);
    }
    await provider.boot(localId, device);
  }

  /** The light by which it is found. @throws GatewayError as `power` does. */
  async identify({ id, localId, provider, identify = false }: Machine, on: boolean) {
    if (!provider.identify || !identify) {
      throw new GatewayError('power_unavailable', `${id} has no light by which it is found`);
    }
    await provider.identify(localId, on);
  }

  /** Its drives. @throws GatewayError `media_unavailable` where it has none. */
  media({ id, provider, media = false }: Machine): MediaPort {
    if (provider.media && media) return provider.media;
    throw new GatewayError('media_unavailable', `${id} has no drive for disk images`);
  }

  /** @throws GatewayError `console_kind_unavailable` where there is none, and as the provider does. */
  async file({ id, localId, provider }: Machine): Promise<ConsoleFile> {
    if (!provider.file) {
      const message = `${id} has no file for a native client`;
      throw new GatewayError('console_kind_unavailable', message);
    }
    return provider.file(localId);
  }

  /** Undefined when there is none. @throws GatewayError `provider_unavailable`. */
  async find(id: string): Promise<Machine | undefined> {
    const colon = id.indexOf(':');
    const provider = this.#providers.get(id.slice(0, Math.max(colon, 0)));
    const machine = await provider?.get(id.slice(colon + 1));
    return (
      provider &&
      machine && { ...machine, id: `${provider.id}:${machine.id}`, localId: machine.id, provider }
    );
  }

  /** Whether there are machines that links open by a token of their own. */
  get hasLinks(): boolean {
    return [...this.#providers.values()].some(({ links }) => links);
  }

  /** Undefined when it is nobody's token. @throws GatewayError `provider_unavailable` */
  async findLinked(token: string): Promise<LinkedMachine | undefined> {
    for (const { id, links } of this.#providers.values()) {
      const found = await links?.machineOf(token);
      const machine = found === undefined ? undefined : await this.find(`${id}:${found}`);
      if (machine && links) return { machine, links };
    }
    return undefined;
  }
}
