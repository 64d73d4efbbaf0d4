import type { Logger } from '../log.ts';

/**
 * What was started, to be stopped in reverse order. Stopping twice is the same as once; one part
 * that fails to stop does not keep the others from it.
 */
export class Disposer {
  readonly #log: Pick<Logger, 'error'>;
  readonly #stack: { name: string; stop: () => unknown }[] = [];
  #disposing: Promise<void> | undefined;

  constructor(log: Pick<Logger, 'error'>) {
    this.#log = log;
  }

  defer(name: string, stop: () => unknown): void {
    this.#stack.push({ name, stop });
  }

  dispose(): Promise<void> {
    this.#disposing ??= this.#disposeAll();
    return this.#disposing;
  }

  async #disposeAll(): Promise<void> {
    for (let part = this.#stack.pop(); part; part = this.#stack.pop()) {
      try {
        await part.stop();
      } catch (error) {
        this.#log.error({ part: part.name, err: error }, 'part does not stop');
      }
    }
  }
}
