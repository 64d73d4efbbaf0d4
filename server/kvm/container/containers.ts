import { type Carrier, LinkedScreen } from '../linked-screen.ts';
import type { CarrierMarks, Carriers } from '../linked-runner.ts';
import type { Screen, ScreenLimits, ScreenSpec } from '../runner.ts';
import { fill } from './command-template.ts';
import { ContainerCli, type ContainerCliOptions } from './container-cli.ts';

export interface ContainersOptions extends ContainerCliOptions {
  /** What follows the program: command-template.ts. */
  readonly command: readonly string[];
  readonly image: string;
  readonly limits: ScreenLimits;
  /** Until a screen shows. ms */
  readonly startMs: number;
}

const NETWORK_FAULT =
  'the container of the screen has a network: kvm.container.command gives it one';
/** A container ends as soon as its link does. ms */
const END_MS = 2000;

/** Containers of a Docker-compatible program, which need no port and no shared folder. */
export class Containers implements Carriers {
  readonly #options: ContainersOptions;
  readonly #cli: ContainerCli;

  constructor(options: ContainersOptions) {
    this.#options = options;
    this.#cli = new ContainerCli(options);
  }

  async open(marks: CarrierMarks, spec: ScreenSpec, remove: () => Promise<void>): Promise<Screen> {
    const { startMs, image } = this.#options;
    const child = await this.#cli.open(this.#command(marks));
    const carrier: Carrier = {
      stream: child.stream,
      ended: child.exited.then(({ code, signal }) => child.output().trim() || `${code ?? signal}`),
      async remove() {
        await child.stop(END_MS);
        await remove();
      },
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

  async list(installation: string): Promise<readonly string[]> {
    const which = [`--filter=label=rackside.installation=${installation}`];
    const printed = await this.#cli.ask(['ps', '--all', ...which, '--format={{.Names}}']);
    return printed.split('\n').filter((line) => line !== '');
  }

  async remove(name: string): Promise<void> {
    await this.#cli.ask(['rm', '--force', name]).catch((error: Error) => {
      // It has gone by itself, as it should.
      if (!/no such container/i.test(String((error.cause as Error | undefined)?.message)))
        throw error;
    });
  }

  #command(marks: CarrierMarks): string[] {
    const { command, image, limits } = this.#options;
    const { memory, cpus } = limits;
    return fill(command, { ...marks, image, memory, files: Math.floor(memory / 4), cpus });
  }
}
