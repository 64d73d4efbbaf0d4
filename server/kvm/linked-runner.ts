import { randomBytes } from 'node:crypto';
import type { Logger } from '../log.ts';
import { type FoundScreen, Reaper, type ScreenOwner } from './reaper.ts';
import type { Screen, ScreenRunner, ScreenSpec } from './runner.ts';
import { RunningScreens } from './running-screens.ts';
import { imageProgram } from './screen-link.ts';

/** By what a container or pod is found again. */
export interface CarrierMarks {
  readonly name: string;
  readonly installation: string;
  /** The gateway that starts it. */
  readonly gateway: string;
}

/** Where containers or pods are had. */
export interface Carriers {
  /**
   * A screen in a new one; what is left where there is none is removed by whoever asks.
   *
   * @param remove removes what has this name; idempotent, never rejects.
   * @throws as `LinkedScreen.open` does; GatewayError `kvm_unavailable` with why there is none to be had.
   */
  open(marks: CarrierMarks, spec: ScreenSpec, remove: () => Promise<void>): Promise<Screen>;
  /** Names of all of an installation. */
  list(installation: string): Promise<readonly string[]>;
  /** One that has gone is no error. */
  remove(name: string): Promise<void>;
}

export interface LinkedRunnerOptions {
  readonly carriers: Carriers;
  /** Most screens at once. */
  readonly screens: number;
  readonly owner: ScreenOwner;
  readonly log: Logger;
}

const PREFIX = 'rackside-screen-';
const NAME = new RegExp(`^${PREFIX}([0-9a-f]+)-[0-9a-f]+$`);

/** Screens in containers or pods, each on a `LinkedScreen`'s link. */
export class LinkedRunner implements ScreenRunner {
  readonly isHere = false;
  readonly #options: LinkedRunnerOptions;
  readonly #screens: RunningScreens;
  readonly #reaper: Reaper;
  readonly #inUse = new Set<string>();

  constructor(options: LinkedRunnerOptions) {
    const { carriers, owner, screens, log } = options;
    this.#options = options;
    this.#screens = new RunningScreens({ most: screens, log });
    this.#reaper = new Reaper({
      ...{ owner, log, list: () => this.#list(), remove: (name) => carriers.remove(name) },
      isInUse: (name) => this.#inUse.has(name),
    });
  }

  find(names: readonly string[]): string | undefined {
    return imageProgram(names);
  }

  start(spec: ScreenSpec): Promise<Screen> {
    return this.#screens.add(spec, (starting) => this.#start(starting));
  }

  /** Removes those that nobody has. */
  sweep(): Promise<void> {
    return this.#reaper.sweep();
  }

  stop(): Promise<void> {
    return this.#screens.stop();
  }

  async #start(spec: ScreenSpec): Promise<Screen> {
    const { carriers, owner } = this.#options;
    const name = `${PREFIX}${owner.id}-${randomBytes(4).toString('hex')}`;
    const marks = { name, installation: await owner.installation(), gateway: owner.id };
    let removing: Promise<void> | undefined;
    const remove = () => (removing ??= this.#remove(name));
    this.#inUse.add(name);
    try {
      return await carriers.open(marks, spec, remove);
    } catch (error) {
      await remove();
      throw error;
    }
  }

  async #remove(name: string): Promise<void> {
    const { carriers, log } = this.#options;
    await carriers.remove(name).catch((err: unknown) => {
      log.error({ err, screen: name }, 'a screen is left for the next sweep');
    });
    this.#inUse.delete(name);
  }

  async #list(): Promise<FoundScreen[]> {
    const { carriers, owner } = this.#options;
    const names = await carriers.list(await owner.installation());
    return names.flatMap((name) => {
      const gateway = NAME.exec(name)?.[1];
      return gateway === undefined ? [] : [{ name, gateway }];
    });
  }
}
