import type { IncomingHttpHeaders } from 'node:http';
import type { TunnelEnd, Tunnels } from '../../consoles/tunnel-port.ts';
import type { LogLevel } from '../../log.ts';
import type { Counts } from '../../metrics/all-processes.ts';
import type { TunnelLimits } from '../limits.ts';
import type { Admission } from '../upgrade.ts';

/** A call of one of the port's methods. */
export type TunnelsCall = {
  [Name in keyof Tunnels]: { readonly call: Name; readonly args: Parameters<Tunnels[Name]> };
}[keyof Tunnels];

/** From the gateway to a worker. */
export type ToWorker =
  | { readonly do: 'start'; readonly level: LogLevel; readonly limits: TunnelLimits }
  /**
   * With the milliseconds by which the clock that all replicas share is ahead of this machine's. Answered by
   * `beat`.
   */
  | { readonly do: 'beat'; readonly ahead: number }
  /** With the browser's socket. Nothing is written to it before `begin`. */
  | {
      readonly do: 'take';
      readonly admission: Admission;
      readonly headers: IncomingHttpHeaders;
      /** What the browser has sent after the request, in base64. */
      readonly head: string;
    }
  /** The gateway has let go of the socket: what the browser sends from now on is the worker's. */
  | { readonly do: 'begin'; readonly tunnelId: string }
  | ({ readonly do: 'call' } & TunnelsCall)
  /** Answered by `counted`. */
  | { readonly do: 'count' }
  /** Ends all tunnels, and the process with the last. */
  | { readonly do: 'end' };

/** From a worker to the gateway. */
export type FromWorker =
  | { readonly did: 'started' }
  /** The last message. */
  | { readonly did: 'ended' }
  | { readonly did: 'beat' }
  | { readonly did: 'counted'; readonly counts: Counts }
  | { readonly did: 'taken'; readonly tunnelId: string }
  | { readonly did: 'opened' | 'used'; readonly tunnelId: string }
  | {
      readonly did: 'pictured' | 'forgotten';
      readonly tunnelId: string;
      readonly connection: string;
    }
  | { readonly did: 'closed'; readonly tunnelId: string; readonly end: TunnelEnd };
