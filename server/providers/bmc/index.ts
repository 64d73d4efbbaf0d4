import { bulkhead } from 'cockatiel';
import type { BootDevice, PowerAction } from '../../contract/index.ts';
import { GatewayError, toGatewayError } from '../../errors.ts';
import type { ProviderContext } from '../provider-context.ts';
import type {
  Endpoint,
  MediaPort,
  Provider,
  ProviderMachine,
  ResolveRequest,
} from '../provider.ts';
import { BmcHost } from './bmc-host.ts';
import { inTime } from './in-time.ts';
import type { RedfishMedia } from './redfish/redfish-media.ts';
import type { BmcConfig, BmcHostConfig } from './schema.ts';

/** BMCs that are asked at once for a list. */
const AT_ONCE = 16;

/**
 * Times of one BMC, shorter than what a provider is given: one that is silent is its own fault, and not
 * that of all the others. ms
 */
const GET_MS = 9000;
const TELL_MS = 28_000;

/** Servers by their BMCs, each with an address and credentials of its own. */
export class BmcProvider implements Provider {
  readonly id: string;
  readonly #context: ProviderContext;
  readonly #given: Pick<ProviderContext, 'bridges' | 'kvm' | 'claims' | 'debts' | 'now'>;
  readonly #hosts: ReadonlyMap<string, BmcHost>;

  constructor(config: BmcConfig, context: ProviderContext) {
    this.id = config.id;
    this.#context = context;
    const { bridges, kvm, claims, debts, now } = context;
    this.#given = { bridges, kvm, claims, debts, now };
    // What is owed to a BMC that is configured no more is owed to nobody.
    debts.onOrphan(async ({ machine, what }) => this.#hosts.get(machine)?.settle(what));
    this.#hosts = new Map(config.hosts.map((host) => [host.id, this.#hostOf(config, host)]));
  }

  /** A BMC that does not answer does not keep the others from the list: it is there with why. */
  async list(signal?: AbortSignal): Promise<readonly ProviderMachine[]> {
    const places = bulkhead(AT_ONCE, Number.POSITIVE_INFINITY);
    let failure: GatewayError | undefined;
    let answered = this.#hosts.size === 0;
    const machines = [...this.#hosts.values()].map((host) =>
      places.execute(async () => {
        try {
          const machine = await inTime(GET_MS, signal, host.name, (each) => host.describe(each));
          answered = true;
          return machine;
        } catch (error) {
          signal?.throwIfAborted();
          failure = toGatewayError(error);
          return { ...host.unknown(), state: failure.message };
        }
      }),
    );
    const listed = await Promise.all(machines);
    if (answered) return listed;
    const message = `${this.id} can ask no BMC: ${failure?.message}`;
    throw new GatewayError('provider_unavailable', message, { cause: failure });
  }

  async get(machineId: string, signal?: AbortSignal): Promise<ProviderMachine | undefined> {
    const host = this.#hosts.get(machineId);
    return host && inTime(GET_MS, signal, host.name, (each) => host.describe(each));
  }

  async resolve(request: ResolveRequest): Promise<Endpoint> {
    return this.#host(request.machineId).resolve(request);
  }

  async power(machineId: string, action: PowerAction, signal?: AbortSignal): Promise<void> {
    const host = this.#host(machineId);
    await inTime(TELL_MS, signal, host.name, (each) => host.power(action, each));
  }

  async boot(machineId: string, device: BootDevice, signal?: AbortSignal): Promise<void> {
    const host = this.#host(machineId);
    await inTime(TELL_MS, signal, host.name, (each) => host.boot(device, each));
  }

  async identify(machineId: string, on: boolean, signal?: AbortSignal): Promise<void> {
    const host = this.#host(machineId);
    await inTime(TELL_MS, signal, host.name, (each) => host.identify(on, each));
  }

  readonly media: MediaPort = {
    drives: (id, signal) => this.#withMedia(id, signal, (media, each) => media.drives(each)),
    insert: (id, wanted, signal) =>
      this.#withMedia(id, signal, (media, each) => media.insert(wanted, each)),
    eject: (id, drive, signal) =>
      this.#withMedia(id, signal, (media, each) => media.eject(drive, each)),
  };

  async stop(): Promise<void> {
    await Promise.all([...this.#hosts.values()].map((host) => host.stop()));
  }

  async #withMedia<T>(
    machineId: string,
    signal: AbortSignal | undefined,
    run: (media: RedfishMedia, signal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    const host = this.#host(machineId);
    return inTime(TELL_MS, signal, host.name, async (each) => run(await host.media(each), each));
  }

  #host(machineId: string): BmcHost {
    const host = this.#hosts.get(machineId);
    if (host) return host;
    throw new GatewayError('machine_not_found', `${this.id} has no server ${machineId}`);
  }

  #hostOf(config: BmcConfig, host: BmcHostConfig): BmcHost {
    const { username = config.username, password = config.password } = host;
    // The configuration has been looked at: one of the two has them.
    if (username === undefined || password === undefined) {
      throw new TypeError(`${host.id} has no credentials`);
    }
    const { ca, fingerprint } = host.ca || host.fingerprint ? host : config;
    const location = host.location ?? config.location ?? this.#context.defaultLocation;
    return new BmcHost({
      name: `${config.id}: ${host.id}`,
      settings: { ...host, username, password, ca, fingerprint, location },
      timeout: config.timeout * 1000,
      ...this.#given,
    });
  }
}
