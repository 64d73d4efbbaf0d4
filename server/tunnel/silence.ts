/**
 * Watches for a peer that stopped sending: `silent` is called once when nothing was heard for
 * more than `periods` whole periods (ms each), `tick` at the end of each period before that.
 * While `excused()` the peer cannot be heard through no fault of its own.
 */
export class Silence {
  readonly #timer: NodeJS.Timeout;
  #quiet = 0;

  constructor(options: {
    readonly period: number;
    readonly periods: number;
    readonly excused: () => boolean;
    readonly tick: () => void;
    readonly silent: () => void;
  }) {
    this.#timer = setInterval(() => {
      if (options.excused()) this.#quiet = 0;
      this.#quiet++;
      if (this.#quiet <= options.periods) return options.tick();
      this.stop();
      options.silent();
    }, options.period);
  }

  heard(): void {
    this.#quiet = 0;
  }

  stop(): void {
    clearInterval(this.#timer);
  }
}
