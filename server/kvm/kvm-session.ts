import type { GatewayError } from '../errors.ts';
import type { Logger } from '../log.ts';
import type { KvmRequest } from '../providers/provider-context.ts';
import type { CoverText } from './cover-text.ts';
import type { Driver } from './driver.ts';
import type { Screen, ScreenSpec } from './runner.ts';

/** What a session is told of the console whose screen it is on. */
export interface SessionContext {
  readonly request: KvmRequest;
  /** For the whole sign-in. ms */
  readonly loginMs: number;
  /** Aborted when nobody waits any more or something has happened that ends it all. */
  readonly signal: AbortSignal;
  /** What its program did that it may not, or its end. */
  readonly onTrouble: (error: GatewayError) => void;
  readonly log: Logger;
}

/**
 * One BMC's console on one screen: which program shows it, and how it is got to show it. When each
 * step is taken, and what becomes of a step that fails, is the console's (kvm-console.ts).
 */
export interface KvmSession extends Driver {
  /** What the screen is started with. */
  readonly screen: Pick<ScreenSpec, 'program' | 'sockets' | 'serve'>;
  /** Resolves when it can show what is being done. @throws Error when the program does not come up. */
  attach(screen: Screen): Promise<void>;
  /** Shows this and nothing of the BMC's. */
  cover(text: CoverText): Promise<void>;
  /** The BMC's console itself is seen. */
  uncover(): Promise<void>;
  /** Whether what showed the console does so still. */
  stillShows(): Promise<boolean>;
  /** A picture of what is covered, without what was typed and without these words. PNG */
  evidence?(secrets: readonly string[], cover: CoverText): Promise<Uint8Array>;
  /** What is told of something that went wrong in it. */
  errorOf(reason: unknown): GatewayError;
  /** Lets the BMC have its console back. */
  leave(): Promise<void>;
  /** What happens from now on is the end that was asked for. */
  expectEnd(): void;
  /** Ends what it has open beside the screen. */
  close(): Promise<void>;
}

export type SessionFactory = (context: SessionContext) => KvmSession;
