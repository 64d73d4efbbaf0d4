import type { ConsoleKind, ConsoleStep, PowerAction, PowerState } from '../contract/index.ts';

export const GUACD_PROTOCOLS = ['vnc', 'rdp', 'ssh', 'telnet'] as const;
export type GuacdProtocol = (typeof GUACD_PROTOCOLS)[number];

/** Where a guacd listens: TCP, or a Unix socket where `path` is given. */
export type GuacdAddress =
  | { readonly host: string; readonly port: number }
  | { readonly path: string };

/** A machine as a provider knows it. `id` is the provider's own; the registry adds its prefix. */
export interface ProviderMachine {
  readonly id: string;
  readonly name: string;
  readonly type: 'vm' | 'server';
  readonly location: string;
  readonly power: PowerState;
  readonly consoles: readonly ConsoleKind[];
  /** What the provider can do to it now; absent is nothing. */
  readonly powerActions?: readonly PowerAction[];
  /** Name of the customer whose machine it is, where the provider knows one. */
  readonly owner: string | null;
}

/** What guacd is told, and how to let go of it. */
export interface Endpoint {
  readonly protocol: GuacdProtocol;
  readonly host: string;
  readonly port: number;
  /** guacd's parameters by their own names, credentials among them; not hostname and port. */
  readonly parameters: Readonly<Record<string, string>>;
  /** The guacd that can reach it, where only a certain one can. */
  readonly guacd?: GuacdAddress;
  /** Ends what was opened for this endpoint. Idempotent, never throws. */
  release(): Promise<void>;
}

export interface ResolveRequest {
  readonly machineId: string;
  readonly kind: ConsoleKind;
  /** Tells the page what is being done. */
  readonly onStep: (step: ConsoleStep) => void;
  /** Aborted when the console is closed or nobody waits any more. */
  readonly signal: AbortSignal;
}

/**
 * Where machines come from. Each provider is a folder with one factory; see registry.ts for how it
 * is made known.
 */
export interface Provider {
  readonly id: string;
  /** All machines. @throws GatewayError `provider_unavailable` when the remote does not answer. */
  list(): Promise<readonly ProviderMachine[]>;
  /** One machine by the provider's own id; undefined when there is none. */
  get(machineId: string): Promise<ProviderMachine | undefined>;
  /**
   * The endpoint of a console, resolved now.
   *
   * @throws GatewayError `machine_not_found`, `console_kind_unavailable`, `provider_unavailable`.
   */
  resolve(request: ResolveRequest): Promise<Endpoint>;
  /**
   * Switches a machine, one of its `powerActions`; resolves when the machine has been told.
   *
   * @throws GatewayError `machine_not_found`, `power_unavailable`, `provider_unavailable`.
   */
  power?(machineId: string, action: PowerAction): Promise<void>;
}

/** A machine by its public id, with the provider that knows it. */
export interface Machine extends ProviderMachine {
  /** `<provider>:<local id>` */
  readonly id: string;
  /** The provider's own id. */
  readonly localId: string;
  readonly provider: Provider;
}

/** Any id: one word of letters, digits and `._-`; the colon parts a machine's two ids. */
export const ID_PATTERN = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;
