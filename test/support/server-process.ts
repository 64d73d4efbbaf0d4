import { onFreePort } from '../../server/demo/loopback.ts';
import {
  type ChildSpec,
  type RunningChild,
  signalGroup,
  startChild,
} from '../../server/platform/child-process.ts';
import { inTempDir, type TempDir } from './temp-dir.ts';

/** How to run a server on a port, and how to see that it is ready. */
export interface ServerRecipe {
  name: string;
  /** `dir` is a fresh folder of the server's own. */
  spec(port: number, dir: string): Omit<ChildSpec, 'name'> | Promise<Omit<ChildSpec, 'name'>>;
  ready(port: number, child: RunningChild): Promise<unknown>;
}

/** A real server on a loopback port that keeps its port through kills and restarts. */
export class ServerProcess {
  readonly host = '127.0.0.1';
  readonly port: number;
  readonly #recipe: ServerRecipe;
  readonly #dir: TempDir;
  #child: RunningChild;

  private constructor(port: number, recipe: ServerRecipe, dir: TempDir, child: RunningChild) {
    this.port = port;
    this.#recipe = recipe;
    this.#dir = dir;
    this.#child = child;
  }

  /** Resolves when the server is ready. */
  static start(recipe: ServerRecipe): Promise<ServerProcess> {
    return inTempDir(recipe.name, (dir) =>
      onFreePort(
        async (port) => new ServerProcess(port, recipe, dir, await startReady(recipe, port, dir)),
      ),
    );
  }

  get pid(): number {
    return this.#child.pid;
  }

  /** The last 8 KB that the server printed. */
  output(): string {
    return this.#child.output();
  }

  /** The server's own folder. */
  get dir(): string {
    return this.#dir.path;
  }

  /**
   * Ends the server in order, with everything in its process group, and removes its folder. May be
   * called twice.
   */
  async stop(): Promise<void> {
    await this.#child.stop();
    await this.#dir.stop();
  }

  /** Ends the server at once by SIGKILL, as a crash would; resolves when it is gone. */
  async kill(): Promise<void> {
    signalGroup(this.#child.pid, 'SIGKILL');
    await this.#child.exited;
  }

  /** Ends the server if it still runs and starts it again on the same port, with the same files. */
  async restart(): Promise<void> {
    await this.#child.stop();
    this.#child = await startReady(this.#recipe, this.port, this.#dir);
  }
}

async function startReady(recipe: ServerRecipe, port: number, dir: TempDir): Promise<RunningChild> {
  const child = await startChild({ name: recipe.name, ...(await recipe.spec(port, dir.path)) });
  try {
    await recipe.ready(port, child);
    return child;
  } catch (error) {
    await child.stop();
    throw error;
  }
}
