import type { Duplex } from 'node:stream';
import type { Logger } from '../log.ts';
import type { TlsTrust } from '../platform/tls-trust.ts';
import type { Secret } from '../secret.ts';
import type { Endpoint, ResolveRequest } from './provider.ts';

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

/**
 * Makers of BMCs whose web pages are known; `form` is told what to do, `browser` does nothing, `java` is
 * no page but a program for Java Web Start.
 */
export const KVM_VENDORS = ['hpe', 'dell', 'supermicro', 'ami', 'form', 'browser', 'java'] as const;
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

/** How a BMC gives its Java console to whoever has signed in; the terms are nojava-ipmi-kvm's. */
export interface KvmJava {
  /** False where the JNLP file is given to everybody. */
  readonly signIn: boolean;
  /** Path to which user and password are posted, under these names, with these fields beside them. */
  readonly loginPath: string;
  readonly usernameField: string;
  readonly passwordField: string;
  readonly fields: Readonly<Record<string, string>>;
  /** As JSON, and not as a form. */
  readonly json: boolean;
  /** Name of the session's cookie, for BMCs that set it by JavaScript. */
  readonly sessionCookie?: string | undefined;
  readonly jnlpPath: string;
  /** `{base_url}` and `{session_key}` in the JNLP file are filled in. */
  readonly fillJnlp: boolean;
  /** Path that signs out; absent is that of the same makers, by `loginPath`. */
  readonly logoutPath?: string | undefined;
  /** The Java that it needs; absent is any. */
  readonly javaVersion?: { readonly major: number; readonly orNewer: boolean } | undefined;
  /** Ports of the BMC's to which its program connects, besides those that the JNLP file names. */
  readonly ports: readonly number[];
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
  /** For the vendor `java`. */
  readonly java?: KvmJava | undefined;
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
