import type { TunnelListener } from '../consoles/tunnel-port.ts';
import type { AttemptsParts } from './attempts.ts';
import type { TunnelMetrics } from './tunnel-metrics.ts';

/** What the tunnels of a process tell of themselves. */
export type HostListener = Omit<TunnelListener, 'admit' | 'refused'>;

/** What all tunnels of a process share. */
export interface TunnelParts extends AttemptsParts {
  readonly listener: HostListener;
  readonly metrics: TunnelMetrics;
  /** Milliseconds since the epoch, by the clock that all replicas share. */
  readonly now: () => number;
}
