import type { Logger } from '../log.ts';
import type { Debt, Debts } from '../providers/provider-context.ts';
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

/** A debt with the gateway that made it, and that undoes it as long as it lives. */
interface Noted extends Debt {
  readonly owner: string;
}

/** Owner of what a gateway that lives could not undo. No gateway is called so. */
const NOBODY = '';

/** Debts in Redis, from where any gateway takes over what is left, and those of one that has died. */
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

  async owe(debt: Debt): Promise<(undo: () => Promise<void>) => Promise<void>> {
    const { replicas, log } = this.#parts;
    const id = randomId(12);
    await this.#note(id, { ...debt, owner: replicas.id });
    return async (undo) => {
      try {
        await undo();
      } catch (error) {
        log.warn({ machine: debt.machine, err: error }, 'what was made cannot be undone yet');
        await this.#note(id, { ...debt, owner: NOBODY }).catch(() => undefined);
        return;
      }
      await this.#forget(id);
    };
  }

  onOrphan(settle: (debt: Debt) => Promise<void>): void {
    this.#settle = settle;
  }

  /** Settles what gateways owe that have died or could not undo it; what fails is tried again at the next call. */
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
        log.info({ machine }, 'undid what a gateway had left');
      } catch (error) {
        log.warn({ machine, err: error }, 'what a gateway has left cannot be undone yet');
      }
    }
  }

  async #note(id: string, noted: Noted): Promise<void> {
    const { redis } = this.#parts;
    await redis.run((client) => client.hSet(this.#key, id, JSON.stringify(noted)));
  }

  async #forget(id: string): Promise<void> {
    await this.#parts.redis.run((client) => client.hDel(this.#key, id)).catch(() => undefined);
  }
}
