import { EventEmitter, once } from 'node:events';

/** What comes bit by bit: whoever waits for some of it looks again whenever more has come. */
export class Arrivals {
  readonly #events = new EventEmitter().setMaxListeners(0);

  /** More has come, or it is known that no more will. */
  came(): void {
    this.#events.emit('came');
  }

  /**
   * What `find` gives once that is not undefined; who has asked first looks first. Rejects with what `find`
   * throws, and with the words of `missing` after `timeout` ms.
   */
  async next<T>(find: () => T | undefined, timeout: number, missing: () => string): Promise<T> {
    let signal: AbortSignal | undefined;
    for (;;) {
      const found = find();
      if (found !== undefined) return found;
      signal ??= AbortSignal.timeout(Math.max(0, Math.ceil(timeout)));
      await once(this.#events, 'came', { signal }).catch((cause: unknown) => {
        throw new Error(missing(), { cause });
      });
    }
  }
}
