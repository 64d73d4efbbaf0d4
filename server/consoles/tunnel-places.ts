import { GatewayError } from '../errors.ts';
import type { ConsoleRecord } from './console.ts';
import type { TunnelGrant } from './tunnel-port.ts';

/** A page in several tabs, each of them while it comes back: more is no page. */
const MOST = 8;

/**
 * How many tunnels one holder or viewer has open: each is a connection of guacd's, of which it has so
 * many for everybody.
 */
export class TunnelPlaces {
  readonly #replica: string;
  /** Tunnels that were let in here, by whose they are. */
  readonly #admitted = new Map<string, Set<string>>();

  constructor(replica: string) {
    this.#replica = replica;
  }

  /** @throws GatewayError `rate_limited` */
  take(record: ConsoleRecord, grant: TunnelGrant, tunnel: string): void {
    const key = keyOf(grant);
    const here = this.#admitted.get(key) ?? new Set();
    const viewer = record.sharing.viewers.find(({ id }) => id === grant.viewer?.id);
    const known = grant.viewer ? (viewer?.tunnels ?? []) : record.tunnels;
    const elsewhere = known.filter((name) => !name.startsWith(`${this.#replica}:`));
    if (here.size + elsewhere.length >= MOST) {
      throw new GatewayError('rate_limited', 'this browser has too many tunnels open');
    }
    this.#admitted.set(key, here.add(tunnel));
  }

  giveBack(grant: TunnelGrant, tunnel: string): void {
    const key = keyOf(grant);
    const here = this.#admitted.get(key);
    here?.delete(tunnel);
    if (here?.size === 0) this.#admitted.delete(key);
  }
}

function keyOf({ consoleId, viewer }: TunnelGrant): string {
  return `${consoleId} ${viewer?.id ?? ''}`;
}
