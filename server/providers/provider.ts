import type { Duplex } from 'node:stream';
import type {
  BootDevice,
  ConsoleKind,
  ConsoleStep,
  DisplaySize,
  PowerAction,
  PowerState,
} from '../contract/index.ts';
import type { Logger } from '../log.ts';
import type { TlsTrust } from '../platform/tls-trust.ts';
import type { Secret } from '../secret.ts';

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

/** A connection to a machine's VNC server that has not spoken yet, and what opens it. */
export interface RfbTarget {
  readonly stream: Duplex;
  readonly username?: string | undefined;
  readonly password?: string | undefined;
  /** Without it a server that demands TLS cannot be spoken to. */
  readonly trust?: TlsTrust | undefined;
  /** A server that does not demand TLS is not spoken to either. */
  readonly demandTls?: boolean | undefined;
}

/** A machine's terminal that has not been read yet: bytes that it shows, and that are typed into it. */
export interface TerminalTarget {
  readonly stream: Duplex;
  /** Told the size of the window where that is known, and each later one. */
  readonly resize?:
    | ((size: { readonly columns: number; readonly rows: number }) => void)
    | undefined;
}

export interface BridgeRequest<Target = RfbTarget>
  extends Pick<ResolveRequest, 'onFault' | 'signal'> {
  /**
   * Reaches the machine; called anew for each connection of guacd's, the first time before the
   * endpoint is there, so that what is wrong is told to whoever waits.
   */
  readonly reach: (signal: AbortSignal) => Promise<Target>;
  /** For `reach` and the machine's handshake; absent is 15 s. ms */
  readonly reachMs?: number | undefined;
}

/** Endpoints for what guacd cannot reach or cannot speak to. */
export interface Bridges {
  /** Of a VNC server. @throws GatewayError for a machine that cannot be reached or does not let us in. */
  open(request: BridgeRequest): Promise<Endpoint>;
  /** Of a stream of bytes that is a terminal. @throws GatewayError as `reach` does. */
  openTerminal(request: BridgeRequest<TerminalTarget>): Promise<Endpoint>;
}

/** Makers of BMCs whose web pages are known; `form` is told what to do, `browser` does nothing. */
export const KVM_VENDORS = ['hpe', 'dell', 'supermicro', 'ami', 'form', 'browser'] as const;
export type KvmVendor = (typeof KVM_VENDORS)[number];

/** A sign-in form and the page behind it, for BMCs that no driver knows. CSS selectors. */
export interface KvmForm {
  /** Path of the page with the form. */
  readonly loginPath: string;
  readonly username: string;
  readonly password: string;
  readonly submit: string;
  /** What is there only once signed in. */
  readonly signedIn: string;
  /** What is there when the password is not accepted. */
  readonly refused?: string | undefined;
  /** Path of the console's page; absent where it is the one that follows the form. */
  readonly consolePath?: string | undefined;
  /** What is there once the console shows. */
  readonly shown: string;
  /** Path that signs out, where there is one. */
  readonly logoutPath?: string | undefined;
}

/** A BMC whose graphical console is shown by a program that runs for it. */
export interface KvmRequest extends Pick<ResolveRequest, 'onStep' | 'onFault' | 'signal'> {
  /** Whose errors these are, as they begin: `rack: r4-u12`. */
  readonly name: string;
  readonly vendor: KvmVendor;
  /** Of its web interface. Nothing else is reached. */
  readonly url: URL;
  /** Not for `browser`, where whoever looks signs in. */
  readonly credentials?: { readonly username: string; readonly password: Secret } | undefined;
  /** PEM of the CA that has signed the BMC's certificate, or the certificate's SHA-256. */
  readonly trust: { readonly ca?: string | undefined; readonly fingerprint?: string | undefined };
  /** Absent is 1280x960x24. Pixels, bits. */
  readonly display?:
    | {
        readonly width: number;
        readonly height: number;
        readonly depth?: 16 | 24 | undefined;
      }
    | undefined;
  /** For the vendor `form`. */
  readonly form?: KvmForm | undefined;
}

/** Graphical consoles of BMCs, each on a screen of its own. */
export interface KvmConsoles {
  /**
   * A screen that shows what is being done, later the console, or why there is none; the latter is
   * told to `onFault` too. `release` signs out of the BMC and leaves nothing behind.
   *
   * @throws GatewayError `target_unreachable`, `target_certificate_refused`, `kvm_unavailable`.
   */
  open(request: KvmRequest): Promise<Endpoint>;
}

/** How often a remote may be called: `burst` calls at once, after them `perSecond`. */
export interface Rate {
  readonly burst: number;
  readonly perSecond: number;
  /**
   * The remote says with each answer how many calls are left, and `atMost` is told of each. Until it
   * has said so once, one call at a time is made.
   */
  readonly told?: true;
}

export interface RateWait {
  readonly signal?: AbortSignal | undefined;
  /** Longest wait that makes sense. ms */
  readonly most: number;
  /** Told once, when it has to wait. ms */
  readonly onWait?: (wait: number) => void;
}

/** A remote's limit on calls, kept by all replicas together. */
export interface RateLimit {
  /**
   * Resolves when one more call may be made; first come, first served.
   *
   * @param account what the remote counts by, such as a hash of the token; never the token.
   * @throws GatewayError `provider_unavailable` when it would wait longer than `most`.
   */
  take(account: string, rate: Rate, wait: RateWait): Promise<void>;
  /**
   * A call is over, and the remote says that so many are left: others than we call it too. Null where
   * it does not say.
   */
  atMost(account: string, rate: Rate, left: number | null): Promise<void>;
}

/** Things of which there is one, and which one console at a time may have, on whichever replica. */
export interface Claims {
  /**
   * @param thing by a name that is the same on all replicas.
   * @returns how to give it back, which never rejects; undefined while another console has it.
   */
  take(thing: string): Promise<(() => Promise<void>) | undefined>;
}

/** Something that was made at a remote and is to be undone; no secret is in it. */
export interface Debt {
  /** The provider's own id of the machine. */
  readonly machine: string;
  /** In the provider's own words. */
  readonly what: string;
}

/** What is undone even when the gateway that made it has died. */
export interface Debts {
  /**
   * Notes it, before it is made.
   *
   * @returns how to undo it, which never rejects: what fails is left to whoever looks next.
   * @throws GatewayError `redis_unavailable`
   */
  owe(debt: Debt): Promise<(undo: () => Promise<void>) => Promise<void>>;
  /** Who undoes what gateways have left; what it rejects for comes again. */
  onOrphan(settle: (debt: Debt) => Promise<void>): void;
}

/** What a provider is given besides its own section of the configuration. */
export interface ProviderContext {
  /** Location of machines that name none. */
  readonly defaultLocation: string;
  /** With the provider's id on every line. */
  readonly log: Logger;
  /** ms since the epoch, the same on all replicas. */
  readonly now: () => number;
  readonly bridges: Bridges;
  readonly kvm: KvmConsoles;
  readonly rateLimit: RateLimit;
  readonly claims: Claims;
  readonly debts: Debts;
  /** The list has changed by itself: it is asked for again soon. Not for what was switched. */
  readonly refresh: () => void;
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
