import type { Logger } from '../log.ts';
import { type ChildSpec, type RunningChild, startChild } from './child-process.ts';
import type { Leftovers } from './leftovers.ts';

export interface SupervisedChildOptions {
  readonly name: string;
  /** Made anew for each start, so that a lost race for a port can be run again with another. */
  readonly spec: () => Promise<ChildSpec>;
  /** Resolves once the child serves; is given up when the child exits or after `readyMs`. */
  readonly isReady: () => Promise<boolean>;
  readonly leftovers: Leftovers;
  readonly log: Logger;
  readonly readyMs?: number;
}

const READY_MS = 10_000;
const READY_POLL_MS = 20;
const BACKOFF_FIRST_MS = 200;
const BACKOFF_LIMIT_MS = 5000;
/** A child that ran this long had started well: its next restart begins with the first back-off. */
const STEADY_MS = 30_000;
/** A child that does not end is killed while the gateway itself has time left to stop in order. */
const STOP_MS = 3000;

/**
 * A child that is kept running: started, watched, restarted with back-off when it dies, and ended
 * with us.
 */
export class SupervisedChild {
  readonly #options: SupervisedChildOptions;
  #child: RunningChild | undefined;
  #ready = false;
  #stopped = false;
  #wake: (() => void) | undefined;
  #loop: Promise<void> = Promise.resolve();

  constructor(options: SupervisedChildOptions) {
    this.#options = options;
  }

  get ready(): boolean {
    return this.#ready;
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /**
   * Starts the child and waits until it serves.
   *
   * @throws Error with the child's last output when it does not come up at all.
   */
  async start(): Promise<void> {
    await this.#startOnce();
    this.#loop = this.#keepRunning();
  }

  /** Ends the child and restarts it no more. Idempotent. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#wake?.();
    await this.#child?.stop(STOP_MS);
    await this.#loop;
    await this.#options.leftovers.forget(this.#options.name);
  }

  async #keepRunning(): Promise<void> {
    const { name, log } = this.#options;
    let backoff = BACKOFF_FIRST_MS;
    while (!this.#stopped) {
      const startedAt = Date.now();
      const exit = await this.#child?.exited;
      this.#ready = false;
      if (this.#stopped) return;
      // A dead guacd's sessions hold its port open and answer nobody.
      await this.#child?.stop();
      if (Date.now() - startedAt > STEADY_MS) backoff = BACKOFF_FIRST_MS;
      log.warn({ child: name, ...exit, backoffMs: backoff }, 'child died, restarting it');
      await this.#pause(backoff);
      backoff = Math.min(backoff * 2, BACKOFF_LIMIT_MS);
      if (this.#stopped) return;
      await this.#startOnce().catch((error: unknown) => {
        log.error({ child: name, err: error }, 'child does not come up');
      });
    }
  }

  async #startOnce(): Promise<void> {
    const { name, spec, leftovers, log } = this.#options;
    const child = await startChild(await spec());
    this.#child = child;
    await leftovers.remember(name, child.pid);
    if (!(await this.#becomesReady(child))) {
      await child.stop();
      throw new Error(`${name} did not come up: ${child.output().trim() || 'it printed nothing'}`);
    }
    this.#ready = true;
    log.info({ child: name, pid: child.pid }, 'child started');
  }

  async #becomesReady(child: RunningChild): Promise<boolean> {
    let exited = false;
    void child.exited.then(() => {
      exited = true;
    });
    const deadline = Date.now() + (this.#options.readyMs ?? READY_MS);
    while (!exited && !this.#stopped && Date.now() < deadline) {
      if (await this.#options.isReady()) return true;
      await this.#pause(READY_POLL_MS);
    }
    return false;
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
