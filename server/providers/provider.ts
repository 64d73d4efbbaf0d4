import type {
  BootDevice,
  ConsoleKind,
  ConsoleStep,
  DisplaySize,
  PowerAction,
  PowerState,
} from '../contract/index.ts';

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
  /** What it can start from once; absent is nothing. */
  readonly bootDevices?: readonly BootDevice[];
  /** Whether it has a light by which it is found. */
  readonly identify?: boolean;
  /** Whether disk images can be put into it. */
  readonly media?: boolean;
  /** Whether there is a file for a native client now. */
  readonly file?: boolean;
  /** Whether its screen is SPICE alone, which no console here shows. */
  readonly onlySpice?: boolean;
  /** Name of the customer whose machine it is, where the provider knows one. */
  readonly owner: string | null;
  /** Why no console of it opens now, a sentence: `VM web1 is down`. Absent where they open. */
  readonly state?: string;
  /** What it is sorted by where it comes from, as `name` or `name=value`; found by the search. */
  readonly labels?: readonly string[];
  /** Its own IP addresses and host names; found by the search. */
  readonly addresses?: readonly string[];
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
  /**
   * It is a bridge of ours: a look at its port says nothing of the machine behind it, and takes a
   * connection away. What goes wrong there is told by `onFault`.
   */
  readonly bridged?: boolean;
  /** Until when a new connection gets in by it, where that is limited. ms since the epoch */
  readonly freshUntil?: number;
  /** Ends what was opened for this endpoint. Idempotent, never throws. */
  release(): Promise<void>;
}

export interface ResolveRequest {
  readonly machineId: string;
  readonly kind: ConsoleKind;
  /** What whoever opened the console asked for; the size of a screen that is made for it. */
  readonly display?: DisplaySize | undefined;
  /** Tells the page what is being done. */
  readonly onStep: (step: ConsoleStep) => void;
  /** What goes wrong with the endpoint after it was resolved; ends in the console's record. */
  readonly onFault: (error: Error) => void;
  /** Aborted when the console is closed or nobody waits any more. */
  readonly signal: AbortSignal;
}

/** What a native client of the user's own opens, as a download. */
export interface ConsoleFile {
  readonly name: string;
  readonly contentType: string;
  /** Holds credentials. */
  readonly text: string;
}

/**
 * Where machines come from. Each provider is a folder with one factory; see registry.ts for how it
 * is made known.
 */
export interface Provider {
  readonly id: string;
  /** All machines. @throws GatewayError `provider_unavailable` when the remote does not answer. */
  list(signal?: AbortSignal): Promise<readonly ProviderMachine[]>;
  /**
   * One machine by the provider's own id, asked of the remote now; undefined when there is none.
   *
   * @throws GatewayError `provider_unavailable`
   */
  get(machineId: string, signal?: AbortSignal): Promise<ProviderMachine | undefined>;
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
  power?(machineId: string, action: PowerAction, signal?: AbortSignal): Promise<void>;
  /**
   * What the machine starts from the next time, one of its `bootDevices`.
   *
   * @throws GatewayError as `power` does.
   */
  boot?(machineId: string, device: BootDevice, signal?: AbortSignal): Promise<void>;
  /** The light by which a machine is found. @throws GatewayError as `power` does. */
  identify?(machineId: string, on: boolean, signal?: AbortSignal): Promise<void>;
  /**
   * The file with which a native client opens the machine's console, for as long as it lasts.
   *
   * @throws GatewayError `machine_not_found`, `console_kind_unavailable`, `provider_unavailable`.
   */
  file?(machineId: string, signal?: AbortSignal): Promise<ConsoleFile>;
  /** The drives of its machines, where they have any. */
  readonly media?: MediaPort;
  /** Links that open its machines by a token of the machine's own, where they are configured. */
  readonly links?: MachineLinks;
  /**
   * Looks for what would keep consoles from opening though `list` answers, and changes nothing; for an
   * operator who asks.
   *
   * @throws GatewayError as `list` does.
   */
  examine?(signal?: AbortSignal): Promise<void>;
  /** Ends what it holds open: connections, watchers. Idempotent. */
  stop?(): Promise<void>;
}

/** A drive that a machine's BMC plays. `image` is its URL, which may let in whoever reads it. */
export interface Drive {
  readonly id: string;
  readonly types: readonly string[];
  readonly image: string | null;
}

/** Disk images of machines. All throw GatewayError `machine_not_found`, `media_unavailable`. */
export interface MediaPort {
  drives(machineId: string, signal?: AbortSignal): Promise<readonly Drive[]>;
  /**
   * Into this drive, or into the first that plays CDs.
   *
   * @throws GatewayError `media_inserted`, `bmc_license_missing`
   */
  insert(
    machineId: string,
    wanted: { readonly url: string; readonly drive?: string | undefined },
    signal?: AbortSignal,
  ): Promise<Drive>;
  /** A drive that is empty is no error. */
  eject(machineId: string, drive: string, signal?: AbortSignal): Promise<void>;
}

/** Links of a system that was there before; who has a machine's token needs nothing else. */
export interface MachineLinks {
  /** For whom their consoles are opened. */
  readonly user: string;
  readonly readOnly: boolean;
  /** The provider's own id of the machine. @throws GatewayError `provider_unavailable` */
  machineOf(token: string): Promise<string | undefined>;
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
