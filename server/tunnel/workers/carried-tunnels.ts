import type { TunnelGrant } from '../../consoles/tunnel-port.ts';

export interface Carried<Worker> {
  readonly grant: TunnelGrant;
  readonly worker: Worker;
}

/** Which worker carries which tunnel, by tunnel, by console and by worker. */
export class CarriedTunnels<Worker> {
  readonly #byId = new Map<string, Carried<Worker>>();
  readonly #byConsole = new Map<string, Set<string>>();
  readonly #counts = new Map<Worker, number>();

  get size(): number {
    return this.#byId.size;
  }

  get(tunnelId: string): Carried<Worker> | undefined {
    return this.#byId.get(tunnelId);
  }

  add(tunnelId: string, carried: Carried<Worker>): void {
    const { grant, worker } = carried;
    this.#byId.set(tunnelId, carried);
    const siblings = this.#byConsole.get(grant.consoleId) ?? new Set();
    this.#byConsole.set(grant.consoleId, siblings.add(tunnelId));
    this.#counts.set(worker, this.countOf(worker) + 1);
  }

  delete(tunnelId: string): void {
    const carried = this.#byId.get(tunnelId);
    if (!carried) return;
    const { grant, worker } = carried;
    this.#byId.delete(tunnelId);
    this.#counts.set(worker, this.countOf(worker) - 1);
    const siblings = this.#byConsole.get(grant.consoleId);
    siblings?.delete(tunnelId);
    if (siblings?.size === 0) this.#byConsole.delete(grant.consoleId);
  }

  countOf(worker: Worker): number {
    return this.#counts.get(worker) ?? 0;
  }

  /** Those that carry a tunnel of this console. */
  workersOf(consoleId: string): Set<Worker> {
    const ids = [...(this.#byConsole.get(consoleId) ?? [])];
    return new Set(ids.flatMap((id) => this.#byId.get(id)?.worker ?? []));
  }

  /** As they are now. */
  of(worker: Worker): [string, TunnelGrant][] {
    return [...this.#byId].flatMap(([id, { grant, worker: carrying }]) =>
      carrying === worker ? [[id, grant] as [string, TunnelGrant]] : [],
    );
  }
}
