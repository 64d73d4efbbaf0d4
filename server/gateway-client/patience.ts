/**
 * A signal that aborts when the caller's does, or after a time. By hand, since AbortSignal.any is
 * younger than the browsers that the page is built for.
 */
export class Patience {
  readonly #controller = new AbortController();
  readonly #timer: ReturnType<typeof setTimeout>;
  readonly #caller: AbortSignal | undefined;

  /** @param ms milliseconds. */
  constructor(ms: number, caller: AbortSignal | undefined) {
    this.#caller = caller;
    this.#timer = setTimeout(() => {
      this.#controller.abort(new DOMException('no answer in time', 'TimeoutError'));
    }, ms);
    caller?.addEventListener('abort', this.#abort);
    if (caller?.aborted) this.#abort();
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** From here on the caller alone ends it. */
  stopClock(): void {
    clearTimeout(this.#timer);
  }

  end(): void {
    clearTimeout(this.#timer);
    this.#caller?.removeEventListener('abort', this.#abort);
  }

  readonly #abort = (): void => this.#controller.abort(this.#caller?.reason);
}
