import type { Endpoint } from '../providers/provider.ts';

interface Lease {
  /** The one for new connections. */
  endpoint: Promise<Endpoint>;
  /** All that are to be released: a tunnel may still use an earlier one. */
  readonly held: Endpoint[];
  readonly abort: AbortController;
  /** Ids of the tunnels that use it now; VIEWERS for those of viewers, on any replica. */
  readonly users: Set<string>;
  timer: NodeJS.Timeout | undefined;
}

type Resolve = (signal: AbortSignal) => Promise<Endpoint>;

/**
 * Endpoints that this process holds, one for each console: resolved once, kept while a tunnel uses
 * it and for the grace time after, then released. An endpoint that nobody ever connects to is let
 * go after the grace time too; one that lets nobody in any more is followed by another.
 */
export class EndpointLeases {
  readonly #graceMs: number;
  readonly #now: () => number;
  readonly #leases = new Map<string, Lease>();

  constructor(graceMs: number, now: () => number) {
    this.#graceMs = graceMs;
    this.#now = now;
  }

  /** The console's endpoint, resolved now unless it is held already. Rejects as `resolve` does. */
  async acquire(consoleId: string, resolve: Resolve): Promise<Endpoint> {
    let lease = this.#leases.get(consoleId);
    if (!lease) {
      const abort = new AbortController();
      const held: Endpoint[] = [];
      const endpoint = obtain({ abort, held }, resolve);
      lease = { abort, endpoint, held, users: new Set(), timer: undefined };
      this.#leases.set(consoleId, lease);
    }
    try {
      const endpoint = await this.#fresh(lease, resolve);
      if (this.#leases.get(consoleId) === lease) this.#countDown(consoleId, lease);
      return endpoint;
    } catch (error) {
      const none = lease.held.length === 0;
      if (none && this.#leases.get(consoleId) === lease) this.#leases.delete(consoleId);
      throw error;
    }
  }

  /** A tunnel uses the endpoint: it is kept. */
  attach(consoleId: string, tunnel: string): void {
    const lease = this.#leases.get(consoleId);
    if (!lease) return;
    lease.users.add(tunnel);
    clearTimeout(lease.timer);
  }

  /** A tunnel uses it no more: after the last one the grace time begins. */
  detach(consoleId: string, tunnel: string): void {
    const lease = this.#leases.get(consoleId);
    if (!lease?.users.delete(tunnel)) return;
    this.#countDown(consoleId, lease);
  }

  /** Lets go of the endpoint now; one that is still being resolved is cancelled. */
  async release(consoleId: string): Promise<void> {
    const lease = this.#leases.get(consoleId);
    if (!lease) return;
    this.#leases.delete(consoleId);
    clearTimeout(lease.timer);
    lease.abort.abort();
    await lease.endpoint.catch(() => undefined);
    await Promise.all(lease.held.map((endpoint) => endpoint.release()));
  }

  async releaseAll(): Promise<void> {
    await Promise.all([...this.#leases.keys()].map((id) => this.release(id)));
  }

  /** The lease's endpoint, or another one where it lets nobody in any more. */
  async #fresh(lease: Lease, resolve: Resolve): Promise<Endpoint> {
    const current = lease.endpoint;
    const endpoint = await current;
    if (endpoint.freshUntil === undefined || this.#now() < endpoint.freshUntil) return endpoint;
    if (lease.endpoint === current) {
      lease.endpoint = obtain(lease, resolve).catch((error: unknown) => {
        lease.endpoint = current;
        throw error;
      });
    }
    return lease.endpoint;
  }

  #countDown(consoleId: string, lease: Lease): void {
    clearTimeout(lease.timer);
    if (lease.users.size > 0) return;
    lease.timer = setTimeout(() => void this.release(consoleId), this.#graceMs);
  }
}

async function obtain(
  { abort, held }: Pick<Lease, 'abort' | 'held'>,
  resolve: Resolve,
): Promise<Endpoint> {
  const endpoint = await resolve(abort.signal);
  held.push(endpoint);
  return endpoint;
}
