import type { GatewayError } from '../errors.ts';
import type { Logger } from '../log.ts';
import type { KvmRequest } from '../providers/provider-context.ts';
import type { CoverText } from './cover-text.ts';
import type { Driver } from './driver.ts';
import type { Screen, ScreenRunner } from './runner.ts';

/** What a session is told of the console whose screen it is on. */
export interface SessionContext {
  readonly request: KvmRequest;
  readonly runner: ScreenRunner;
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
  /**
   * A screen on which it can show what is being done.
   *
   * @throws GatewayError `kvm_unavailable`; nothing is left of it then.
   */
  open(signal: AbortSignal): Promise<Screen>;
  /** Shows this and nothing of the BMC's. */
  cover(text: CoverText): Promise<void>;
  /** The BMC's console itself is seen. */
  uncover(): Promise<void>;
  /** Whether what showed the console does so still. */
  stillShows(): Promise<boolean>;
  /** A picture of what is covered, without what was typed and without these words. PNG */
  evidence?(secrets: readonly string[]): Promise<Uint8Array>;
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
