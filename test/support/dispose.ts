import { after, afterEach } from 'mocha';

type Disposer = () => unknown;
type Stoppable = { stop(): unknown };

/**
 * What a test has started, to be ended in reverse order. Every part is ended even when an earlier
 * one fails; the failures then come out together.
 */
export class Disposables {
  readonly #stack: Disposer[] = [];

  /** Remembers a function or something with `stop()`, and gives it back. */
  add<T extends Disposer | Stoppable>(part: T): T {
    this.#stack.push(typeof part === 'function' ? part : () => part.stop());
    return part;
  }

  /** Waits for something that is just being started, and remembers it. */
  async start<T extends Stoppable>(starting: Promise<T>): Promise<T> {
    return this.add(await starting);
  }

  /** @throws the only failure as it is, several as an AggregateError. */
  async disposeAll(): Promise<void> {
    const errors: unknown[] = [];
    for (let dispose = this.#stack.pop(); dispose; dispose = this.#stack.pop()) {
      try {
        await dispose();
      } catch (error) {
        errors.push(error);
      }
    }
    if (errors.length === 1) throw errors[0];
    if (errors.length > 1) throw new AggregateError(errors, 'several parts could not be stopped');
  }
}

/**
 * A stack that mocha empties by itself: after the enclosing suite, or after each test of it. To be
 * called where `after` may be called: directly in a `describe`.
 */
export function cleanUp(when: 'suite' | 'each' = 'suite'): Disposables {
  const parts = new Disposables();
  const hook = when === 'each' ? afterEach : after;
  hook('stop what was started', function () {
    this.timeout(30_000);
    return parts.disposeAll();
  });
  return parts;
}
