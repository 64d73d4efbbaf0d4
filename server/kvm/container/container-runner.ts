import { randomBytes } from 'node:crypto';
import type { Logger } from '../../log.ts';
import { type Carrier, LinkedScreen } from '../linked-screen.ts';
import { Reaper, type ScreenOwner } from '../reaper.ts';
import type { Screen, ScreenRunner, ScreenSpec } from '../runner.ts';
import { RunningScreens } from '../running-screens.ts';
import { imageProgram } from '../screen-link.ts';
import { fill } from './command-template.ts';
import { ContainerCli, type ContainerCliOptions } from './container-cli.ts';

export interface ContainerRunnerOptions extends ContainerCliOptions {
  /** What follows the program: command-template.ts. */
  readonly command: readonly string[];
  readonly image: string;
  /** MiB of memory, processors. */
  readonly limits: { readonly memory: number; readonly cpus: number };
  /** Most screens at once. */
  readonly screens: number;
  /** Until a screen shows. ms */
  readonly startMs: number;
  readonly owner: ScreenOwner;
  readonly log: Logger;
}

const PREFIX = 'rackside-screen-';
const NETWORK_FAULT =
  'the container of the screen has a network: kvm.container.command gives it one';
/** A container ends as soon as its link does. ms */
const END_MS = 2000;

/** Screens in containers of a Docker-compatible program, which need no port and no shared folder. */
export class ContainerRunner implements ScreenRunner {
  readonly isHere = false;
  readonly #options: ContainerRunnerOptions;
  readonly #cli: ContainerCli;
  readonly #screens: RunningScreens;
  readonly #reaper: Reaper;
  readonly #inUse = new Set<string>();

  constructor(options: ContainerRunnerOptions) {
    const { owner, screens, log } = options;
    this.#options = options;
    this.#cli = new ContainerCli(options);
    this.#screens = new RunningScreens({ most: screens, log });
    this.#reaper = new Reaper({
      ...{ owner, log, list: () => this.#list(), remove: (name) => this.#remove(name) },
      isInUse: (name) => this.#inUse.has(name),
    });
  }

  find(names: readonly string[]): string | undefined {
    return imageProgram(names);
  }

  start(spec: ScreenSpec): Promise<Screen> {
    return this.#screens.add(spec.signal, () => this.#start(spec));
  }

  /** Removes containers that nobody has. */
  sweep(): Promise<void> {
    return this.#reaper.sweep();
  }

  stop(): Promise<void> {
    return this.#screens.stop();
  }

  async #start(spec: ScreenSpec): Promise<Screen> {
    const { owner, startMs, image } = this.#options;
    const name = `${PREFIX}${owner.id}-${randomBytes(4).toString('hex')}`;
    const installation = await owner.installation();
    this.#inUse.add(name);
    const child = await this.#cli.open(this.#command(name, installation)).catch((error) => {
      this.#inUse.delete(name);
      throw error;
    });
    let removing: Promise<void> | undefined;
    const remove = async (): Promise<void> => {
      await child.stop(END_MS);
      await this.#remove(name).catch((err: unknown) =>
        this.#options.log.error({ err, screen: name }, 'a container is left for the next sweep'),
      );
      this.#inUse.delete(name);
    };
    const carrier: Carrier = {
      stream: child.stream,
      ended: child.exited.then(({ code, signal }) => child.output().trim() || `${code ?? signal}`),
      remove: () => (removing ??= remove()),
    };
    const network = { network: 'none', tried: [], networkFault: NETWORK_FAULT } as const;
    return LinkedScreen.open({ carrier, spec, startMs, ...network }).catch(
      async (error: unknown) => {
        const exit = await child.exited;
        // Of 125 to 127 the program itself is the cause, not what has run in the container.
        if (exit.code === null || exit.code < 125 || exit.code > 127) throw error;
        throw this.#cli.fault(child.output(), exit, image);
      },
    );
  }

  #command(name: string, installation: string): string[] {
    const { command, image, limits, owner } = this.#options;
    const { memory, cpus } = limits;
    const files = Math.floor(memory / 4);
    return fill(command, {
      ...{ name, installation, gateway: owner.id },
      ...{ image, memory, files, cpus },
    });
  }

  async #list() {
    const installation = await this.#options.owner.installation();
    const which = [`--filter=label=rackside.installation=${installation}`];
    const printed = await this.#cli.ask(['ps', '--all', ...which, '--format={{.Names}}']);
    return [...printed.matchAll(/^rackside-screen-([0-9a-f]+)-[0-9a-f]+$/gm)].map(
      ([name, gateway = '']) => ({ name, gateway }),
    );
  }

  async #remove(name: string): Promise<void> {
    await this.#cli.ask(['rm', '--force', name]).catch((error: Error) => {
      // It has gone by itself, as it should.
      if (!/no such container/i.test(String((error.cause as Error | undefined)?.message)))
        throw error;
    });
  }
}
