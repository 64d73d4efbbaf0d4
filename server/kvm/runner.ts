import type { Duplex, Readable, Writable } from 'node:stream';
import type { KvmRequest } from '../providers/provider-context.ts';
import type { Served, Target } from './egress-proxy.ts';

/** Pixels, bits of colour. */
export interface ScreenSize {
  readonly width: number;
  readonly height: number;
  readonly depth: 16 | 24;
}

/** What each screen may have of the machine on which it runs. */
export interface ScreenLimits {
  /** MiB of memory for everything on one screen, its files among them. */
  readonly memory: number;
  /** Processors that it may keep busy. */
  readonly cpus: number;
}

/** What a screen has where nothing is said. */
export const USUAL_SIZE: ScreenSize = { width: 1280, height: 960, depth: 24 };

export function screenSize(wanted: KvmRequest['display']): ScreenSize {
  return { ...USUAL_SIZE, ...wanted, depth: wanted?.depth ?? USUAL_SIZE.depth };
}

/** Where a program finds what it needs once it runs. */
export interface ProgramPlace {
  /** A folder of its own, which is gone with the screen. */
  readonly home: string;
  /** The HTTP proxy that leads to the one address that is allowed: `127.0.0.1:3128`. */
  readonly proxy: string;
  /** Whether its own sandbox works there. */
  readonly sandbox: boolean;
  /** Whether it has a network of its own, with nothing in it but what is led somewhere. */
  readonly ownNetwork: boolean;
}

/** What is shown on a screen. Its descriptors 3 and 4 are the screen's `channel`. */
export interface ScreenProgram {
  readonly command: (place: ProgramPlace) => readonly string[];
  /** What lies in its home before it starts: texts by their paths. */
  readonly files?: Readonly<Record<string, string>>;
  /** Chromium's managed policy, where the screen can give a program one of its own. */
  readonly policy?: object;
}

export interface ScreenSpec {
  readonly size: ScreenSize;
  readonly program: ScreenProgram;
  /** The only address that the program reaches; null while it is not known, and nothing is. */
  readonly target: () => Target | null;
  /** For a program that speaks to the target by sockets of its own, past every proxy. */
  readonly sockets?: {
    /** The target's name. */
    readonly host: string;
    /**
     * IP addresses that are the target's. Where the program has a network of its own they are its
     * own machine's, so that whatever listens there is reached by them.
     */
    readonly addresses: readonly string[];
  };
  /** What the proxy answers itself: `/path` of its own address. Null is what is not there. */
  readonly serve?: (path: string) => Promise<Served | null>;
  /** Told of each other address that the program asks for: `host:port`. */
  readonly onRefused: (address: string) => void;
  /** Given up when nobody waits any more. */
  readonly signal: AbortSignal;
}

/** An X display that is served by VNC, with a window manager and one program. */
export interface Screen {
  readonly place: ProgramPlace;
  /** Lets the program reach these ports of the target's, too. */
  allowPorts(ports: readonly number[]): void;
  /** A new connection to its VNC server, which asks for no password. */
  reach(): Promise<Duplex>;
  /** What the program reads from its descriptor 3, and what it writes to 4. */
  readonly channel: { readonly input: Writable; readonly output: Readable };
  /** Where its program finds the folder of disk images, which it may read; absent where it has none. */
  readonly images?: string | undefined;
  /** Whether keyboard and mouse of those who look at it count; not at first. */
  acceptInput(accept: boolean): void;
  /** Settles with its last words when it has ended, whatever has ended it; never rejects. */
  readonly ended: Promise<string>;
  /** Ends everything of it and leaves nothing. Idempotent. */
  stop(): Promise<void>;
}

/** Starts screens: as processes beside the gateway, or wherever else there are machines for them. */
export interface ScreenRunner {
  /** Whether its screens run beside the gateway, with what is installed there. */
  readonly isHere: boolean;
  /** The full path of the first of these programs that its screens have. */
  find(names: readonly string[]): string | undefined;
  /** @throws GatewayError `kvm_unavailable` when there is no screen to be had. */
  start(spec: ScreenSpec): Promise<Screen>;
  /** Ends every screen. Idempotent. */
  stop(): Promise<void>;
}
