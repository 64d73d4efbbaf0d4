import type { BootDevice, PowerAction } from '../../contract/index.ts';
import { GatewayError } from '../../errors.ts';
import { HeldRefusal } from '../held-refusal.ts';
import type { ProviderContext } from '../provider-context.ts';
import type { Endpoint, ProviderMachine, ResolveRequest } from '../provider.ts';
import { RemoteHttp } from '../remote-http.ts';
import { ConsoleAccounts } from './console-accounts.ts';
import { type HostConsole, consolesOf } from './consoles.ts';
import type { Control } from './control.ts';
import { IpmiControl } from './ipmi-control.ts';
import { Ipmitool } from './ipmitool.ts';
import { RedfishClient } from './redfish/client.ts';
import { type RedfishService, discover } from './redfish/discover.ts';
import { forgetIdracVnc } from './redfish/open-idrac-vnc.ts';
import { RedfishControl } from './redfish/redfish-control.ts';
import { RedfishMedia } from './redfish/redfish-media.ts';
import { RedfishSession } from './redfish/session.ts';
import { REFUSED_MS } from './refused-ms.ts';
import { type HostSettings, webServerOf } from './schema.ts';

export interface BmcHostParts
  extends Pick<ProviderContext, 'bridges' | 'kvm' | 'claims' | 'debts' | 'now'> {
  /** With which its sentences begin: the provider's id and its own. */
  readonly name: string;
  readonly settings: HostSettings;
  /** For one call. ms */
  readonly timeout: number;
}

/** What a BMC is does not change while it runs; its firmware may be another after a while. ms */
const KNOWN_MS = 3_600_000;
/** One that had no Redfish may only have been starting. ms */
const WITHOUT_MS = 300_000;

type Signal = AbortSignal | undefined;

/** One server by its BMC. */
export class BmcHost {
  readonly #parts: BmcHostParts;
  readonly #http: RemoteHttp;
  readonly #accounts: ConsoleAccounts;
  readonly #session: RedfishSession;
  readonly #client: RedfishClient;
  readonly #ipmitool: Ipmitool | undefined;
  /** In memory: a replica that looks for itself asks once an hour. */
  #known: { readonly service: RedfishService | undefined; readonly until: number } | undefined;

  constructor(parts: BmcHostParts) {
    this.#parts = parts;
    const { name, settings, timeout, now } = parts;
    const { username, password, ca, fingerprint } = settings;
    const faults = {
      unavailable: 'bmc_unavailable',
      certificate: 'target_certificate_refused',
    } as const;
    this.#http = new RemoteHttp({
      ...{ name, timeout, faults, ca, fingerprint },
      base: webServerOf(settings),
    });
    const refusal = new HeldRefusal(now, REFUSED_MS);
    this.#session = new RedfishSession({ name, http: this.#http, username, password, refusal });
    this.#client = new RedfishClient({ name, http: this.#http, session: this.#session });
    this.#accounts = new ConsoleAccounts({ ...parts, client: this.#client, refusal });
    this.#ipmitool = ipmitoolOf(parts);
  }

  get name(): string {
    return this.#parts.name;
  }

  async describe(signal: Signal): Promise<ProviderMachine> {
    const control = this.#hasNoControl ? undefined : await this.#control(signal);
    const { labels = [], ...status } = (await control?.status(signal)) ?? {};
    const service = await this.#service(signal);
    return {
      ...this.unknown(),
      ...status,
      labels: [...this.#labels, ...labels],
      consoles: this.#consoles(service).map(({ kind }) => kind),
      media: service?.media !== undefined,
    };
  }

  /** What is known of it without asking its BMC. */
  unknown(): ProviderMachine {
    const { id, name = id, address, owner = null, location } = this.#parts.settings;
    return {
      ...{ id, name, type: 'server', location, power: 'unknown', owner },
      ...{ consoles: [], powerActions: [], labels: this.#labels, addresses: [address] },
    };
  }

  async power(action: PowerAction, signal: Signal): Promise<void> {
    await (await this.#control(signal)).power(action, signal);
  }

  async boot(device: BootDevice, signal: Signal): Promise<void> {
    await (await this.#control(signal)).boot(device, signal);
  }

  async identify(on: boolean, signal: Signal): Promise<void> {
    await (await this.#control(signal)).identify(on, signal);
  }

  /** Its drives for disk images. @throws GatewayError `media_unavailable` */
  async media(signal: Signal): Promise<RedfishMedia> {
    const { name } = this.#parts;
    const collection = (await this.#service(signal))?.media;
    if (collection) return new RedfishMedia({ name, client: this.#client, collection });
    throw new GatewayError('media_unavailable', `${name} has no drive for disk images`);
  }

  /** @throws GatewayError `console_kind_unavailable`, and as each kind does. */
  async resolve({ kind, ...request }: ResolveRequest): Promise<Endpoint> {
    const service = await this.#service(request.signal);
    const found = this.#consoles(service).find((console) => console.kind === kind);
    if (found) return found.open(request);
    throw new GatewayError(
      'console_kind_unavailable',
      `${this.#parts.name} has no ${kind} console`,
    );
  }

  /**
   * Undoes what a gateway has left at the BMC.
   *
   * @throws GatewayError `bmc_unavailable` also where there is no Redfish now: there was when it was made.
   */
  async settle(what: string): Promise<void> {
    const { name, settings, claims } = this.#parts;
    if (!settings.redfish) return;
    const service = await this.#service(undefined);
    if (!service) throw new GatewayError('bmc_unavailable', `${name} shows no Redfish now`);
    const { manager, vendor } = service;
    const [kind, user] = what.split(':');
    if (kind === 'user' && user) await this.#accounts.remove(user, vendor);
    if (kind === 'vnc') {
      await forgetIdracVnc({ name, id: settings.id, manager, client: this.#client, claims });
    }
  }

  async stop(): Promise<void> {
    await this.#session.logOut();
    await this.#http.close();
  }

  /** It shows consoles; there is nothing to ask it or to tell it. */
  get #hasNoControl(): boolean {
    return !this.#parts.settings.redfish && this.#ipmitool === undefined;
  }

  get #labels(): string[] {
    return [...this.#parts.settings.labels];
  }

  /** The consoles that open, the best first. */
  #consoles(service: RedfishService | undefined): HostConsole[] {
    const ipmitool = service?.ipmi === false ? undefined : this.#ipmitool;
    const own = { http: this.#http, client: this.#client, accounts: this.#accounts };
    return consolesOf({ ...this.#parts, ...own, service, ipmitool });
  }

  async #control(signal: Signal): Promise<Control> {
    const { name } = this.#parts;
    if (this.#hasNoControl) {
      const message = `${name} has neither Redfish nor IPMI here, which could do that`;
      throw new GatewayError('power_unavailable', message);
    }
    const service = await this.#service(signal);
    if (service) return new RedfishControl(name, this.#client, service);
    if (this.#ipmitool) return new IpmiControl(name, this.#ipmitool);
    const message = `${name} has no Redfish, and ipmi is not enabled`;
    throw new GatewayError('bmc_unavailable', message);
  }

  /** Undefined where there is no Redfish. */
  async #service(signal: Signal): Promise<RedfishService | undefined> {
    const { name, settings, now } = this.#parts;
    if (!settings.redfish) return undefined;
    if (this.#known && this.#known.until > now()) return this.#known.service;
    const { vendor } = settings;
    const parts = { name, vendor, http: this.#http, client: this.#client };
    const service = await discover(parts, signal).catch((error: unknown) => {
      if (this.#ipmitool && hasNoWebServer(error)) return undefined;
      throw error;
    });
    if (service || this.#ipmitool) {
      this.#known = { service, until: now() + (service ? KNOWN_MS : WITHOUT_MS) };
    }
    return service;
  }
}

function ipmitoolOf({ name, settings, now }: BmcHostParts): Ipmitool | undefined {
  const { address, ipmi } = settings;
  if (!ipmi.enabled) return undefined;
  const { username = settings.username, password = settings.password } = ipmi;
  const { port, cipherSuite, privilege } = ipmi;
  const account = { username, password, cipherSuite, privilege };
  return new Ipmitool({ name, host: address, port, ...account, now });
}

function hasNoWebServer(error: unknown): boolean {
  const { cause } = error as GatewayError;
  return (cause as NodeJS.ErrnoException | undefined)?.code === 'ECONNREFUSED';
}
