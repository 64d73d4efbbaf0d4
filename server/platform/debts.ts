import type { Logger } from '../log.ts';
import type { Debt, Debts } from '../providers/provider.ts';
import { randomId } from './random-id.ts';
import type { Redis } from './redis.ts';
import type { Replicas } from './replicas.ts';

export interface SharedDebtsParts {
  readonly redis: Redis;
  /** This gateway among those that live. */
  readonly replicas: Replicas;
  /** The provider's id. */
  readonly name: string;
  readonly log: Logger;
}

/** A debt with the gateway that made it. */
interface Noted extends Debt {
  readonly owner: string;
}

/** Debts in Redis, from where another gateway takes over those of one that has died. */
export class SharedDebts implements Debts {
  readonly #parts: SharedDebtsParts;
  readonly #key: string;
  #settle: ((debt: Debt) => Promise<void>) | undefined;
  /** Whose owners were dead at the last look: a Redis that was away makes all look dead once. */
  #suspects: ReadonlySet<string> = new Set();

  constructor(parts: SharedDebtsParts) {
    this.#parts = parts;
    this.#key = `rackside:debts:${parts.name}`;
  }

  async owe(debt: Debt): Promise<() => Promise<void>> {
    const { redis, replicas } = this.#parts;
    const id = randomId(12);
    const noted: Noted = { ...debt, owner: replicas.id };
    await redis.run((client) => client.hSet(this.#key, id, JSON.stringify(noted)));
    return () => this.#forget(id);
  }

  onOrphan(settle: (debt: Debt) => Promise<void>): void {
    this.#settle = settle;
  }

  /** Settles what gateways that have died owe; what fails is tried again at the next call. */
  async sweep(): Promise<void> {
    const { redis, replicas, log } = this.#parts;
    const settle = this.#settle;
    if (!settle) return;
    const stored = await redis.run((client) => client.hGetAll(this.#key));
    const debts = Object.entries(stored).map(
      ([id, text]) => [id, JSON.parse(text) as Noted] as const,
    );
    const dead = new Set(await replicas.dead([...new Set(debts.map(([, { owner }]) => owner))]));
    const orphans = debts.filter(([, { owner }]) => dead.has(owner));
    const before = this.#suspects;
    this.#suspects = new Set(orphans.map(([id]) => id));
    for (const [id, { machine, what }] of orphans) {
      if (!before.has(id)) continue;
      try {
        await settle({ machine, what });
        await this.#forget(id);
        log.info({ machine }, 'undid what a gateway that has died had left');
      } catch (error) {
        log.warn({ machine, err: error }, 'what a gateway has left cannot be undone yet');
      }
    }
  }

  async #forget(id: string): Promise<void> {
    await this.#parts.redis.run((client) => client.hDel(this.#key, id)).catch(() => undefined);
  }
}
