import type { GuacdProtocol, TunnelEnd } from '../consoles/tunnel-port.ts';
import type { StatusCode } from '../contract/index.ts';
import type { WaitingTime } from './waiting-time.ts';

/**
 * What the tunnels of a process count. `bytes` and `waiting` are written for each read and each
 * message, so they are numbers that are added to and nothing else.
 */
export interface TunnelMetrics {
  /** As guacd sent them and the browser was sent them; as the browser sent them and guacd may hear. */
  readonly bytes: { toBrowser: number; toGuacd: number };
  /** For which one side was not read, since the other took nothing. */
  readonly waiting: { readonly browser: WaitingTime; readonly guacd: WaitingTime };
  /** A WebSocket was accepted. */
  opened(protocol: GuacdProtocol): void;
  /** From dialling guacd to its `ready`. Seconds. */
  shookHands(protocol: GuacdProtocol, seconds: number): void;
  /** From the WebSocket to the machine's first picture. Seconds. */
  pictured(protocol: GuacdProtocol, seconds: number): void;
  /** Once for each that was opened. */
  closed(protocol: GuacdProtocol, reason: TunnelEnd['status']): void;
  /** An upgrade request was answered in HTTP. */
  refused(reason: StatusCode): void;
}
