import { homedir } from 'node:os';
import { GatewayError } from '../../errors.ts';
import {
  type ChildExit,
  type ChildStream,
  childEnvironment,
  openChild,
} from '../../platform/child-process.ts';
import { text } from 'node:stream/consumers';

export interface ContainerCliOptions {
  /** The program, with what stands before its command: `[docker, --context, screens]`. */
  readonly cli: readonly string[];
  /** What it is told by its environment besides: `DOCKER_HOST`. */
  readonly environment: Readonly<Record<string, string>>;
}

const ANSWER_MS = 20_000;

/** What docker and podman say when something is not there. */
const FAULTS: readonly (readonly [RegExp, (cli: string, image: string) => string])[] = [
  [
    /No such image|image not known|Unable to find image|manifest unknown/i,
    (_cli, image) => `the image of the screens, ${image}, is not there: build or pull it first`,
  ],
  [
    /Cannot connect to|daemon running|(dial|connect).*(refused|no such file)/i,
    (cli) => `${cli} does not find its service`,
  ],
  [/permission denied/i, (cli) => `${cli} may not do this: permission denied`],
  [/failed to execute|could not be started/i, (cli) => `${cli} is not installed here`],
];

/** A program that takes docker's command line: docker, podman, nerdctl. */
export class ContainerCli {
  readonly #options: ContainerCliOptions;

  constructor(options: ContainerCliOptions) {
    this.#options = options;
  }

  /** Its name, for messages. */
  get name(): string {
    return this.#options.cli[0] ?? '';
  }

  /** Starts it and goes on. */
  open(args: readonly string[]): Promise<ChildStream> {
    const { cli, environment } = this.#options;
    const [command = '', ...before] = cli;
    const env = childEnvironment({ HOME: homedir(), ...environment });
    return openChild({ name: 'container', command, args: [...before, ...args], env, cwd: '/' });
  }

  /**
   * What it prints.
   *
   * @throws GatewayError `kvm_unavailable`, with what it says as the cause.
   */
  async ask(args: readonly string[]): Promise<string> {
    const child = await this.open(args);
    const timer = setTimeout(() => void child.stop(), ANSWER_MS);
    try {
      child.stream.end();
      const [printed, exit] = await Promise.all([text(child.stream), child.exited]);
      if (exit.code !== 0) throw this.fault(child.output(), exit);
      return printed;
    } finally {
      clearTimeout(timer);
    }
  }

  /** Why it has ended, in words for whoever runs the gateway. */
  fault(said: string, { code, signal }: ChildExit, image = ''): GatewayError {
    const cause = new Error(`${this.name} ended (${code ?? signal}): ${said.trim()}`);
    const [, words] = FAULTS.find(([pattern]) => pattern.test(said)) ?? [];
    const usual = `${this.name} does not start a screen (${code ?? signal})`;
    return new GatewayError('kvm_unavailable', words?.(this.name, image) ?? usual, { cause });
  }
}
