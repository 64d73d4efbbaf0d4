import type { Endpoint } from '../providers/provider.ts';

interface Lease {
  readonly endpoint: Promise<Endpoint>;
  readonly abort: AbortController;
  /** Ids of the tunnels that use it now; VIEWERS for those of viewers, on any replica. */
  readonly users: Set<string>;
  timer: NodeJS.Timeout | undefined;
}

/**
 * Endpoints that this process holds, one for each console: resolved once, kept while a tunnel uses
 * it and for the grace time after, then released. An endpoint that nobody ever connects to is let
 * go after the grace time too.
 */
export class EndpointLeases {
  readonly #graceMs: number;
  readonly #leases = new Map<string, Lease>();

  constructor(graceMs: number) {
    this.#graceMs = graceMs;
  }

  /** The console's endpoint, resolved now unless it is held already. Rejects as `resolve` does. */
  async acquire(
    consoleId: string,
    resolve: (signal: AbortSignal) => Promise<Endpoint>,
  ): Promise<Endpoint> {
    let lease = this.#leases.get(consoleId);
    if (!lease) {
      const abort = new AbortController();
      lease = { abort, endpoint: resolve(abort.signal), users: new Set(), timer: undefined };
      this.#leases.set(consoleId, lease);
    }
    try {
      const endpoint = await lease.endpoint;
      if (this.#leases.get(consoleId) === lease) this.#countDown(consoleId, lease);
      return endpoint;
    } catch (error) {
      if (this.#leases.get(consoleId) === lease) this.#leases.delete(consoleId);
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
    await lease.endpoint.then(
      (endpoint) => endpoint.release(),
      () => undefined,
    );
  }

  async releaseAll(): Promise<void> {
    await Promise.all([...this.#leases.keys()].map((id) => this.release(id)));
  }

  #countDown(consoleId: string, lease: Lease): void {
    clearTimeout(lease.timer);
    if (lease.users.size > 0) return;
    lease.timer = setTimeout(() => void this.release(consoleId), this.#graceMs);
  }
}
