import type { Logger } from '../log.ts';

/** Whose a screen elsewhere is. */
export interface ScreenOwner {
  /** This gateway, hex digits. */
  readonly id: string;
  /** Those gateways that may end each other's screens, hex digits. */
  installation(): Promise<string>;
  /** Those of these gateways that live no more. */
  dead(ids: readonly string[]): Promise<string[]>;
}

/** A container or pod of this installation. */
export interface FoundScreen {
  readonly name: string;
  /** The gateway that has started it. */
  readonly gateway: string;
}

export interface ReaperOptions {
  readonly owner: ScreenOwner;
  readonly list: () => Promise<readonly FoundScreen[]>;
  readonly remove: (name: string) => Promise<void>;
  /** Whether this gateway uses it, or is just starting it. */
  readonly isInUse: (name: string) => boolean;
  readonly log: Logger;
}

/** Removes screens that nobody has: those of gateways that have died, and what could not be removed. */
export class Reaper {
  readonly #options: ReaperOptions;
  /** Whom nobody had at the last look: a Redis that was away makes all gateways look dead once. */
  #suspects: ReadonlySet<string> = new Set();

  constructor(options: ReaperOptions) {
    this.#options = options;
  }

  /** One look; what was suspected at the one before goes. */
  async sweep(): Promise<void> {
    const { owner, list, remove, isInUse, log } = this.#options;
    const found = await list();
    const others = new Set(found.map(({ gateway }) => gateway));
    others.delete(owner.id);
    const dead = new Set(await owner.dead([...others]));
    const left = found.filter(({ name, gateway }) =>
      gateway === owner.id ? !isInUse(name) : dead.has(gateway),
    );
    const due = left.filter(({ name }) => this.#suspects.has(name));
    this.#suspects = new Set(left.map(({ name }) => name));
    for (const { name } of due) {
      await remove(name);
      log.warn({ screen: name }, 'removed a screen that nobody has');
    }
  }
}
