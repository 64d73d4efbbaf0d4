import { GatewayError } from '../errors.ts';
import type { Logger } from '../log.ts';
import type { Screen, ScreenSpec } from './runner.ts';

export interface RunningScreensOptions {
  /** Most at once. */
  readonly most: number;
  readonly log: Logger;
}

/** The screens of one runner: how many there may be, what is said when there is none, their end. */
export class RunningScreens {
  readonly #options: RunningScreensOptions;
  readonly #screens = new Set<Screen>();
  readonly #starting = new Set<Promise<Screen>>();
  readonly #ending = new AbortController();

  constructor(options: RunningScreensOptions) {
    this.#options = options;
  }

  /**
   * A screen that counts until it has ended.
   *
   * @param start errors that are no GatewayError are logged whole and masked. What it is given ends with
   * all screens, too.
   * @throws GatewayError `kvm_unavailable` when there are too many or none can be started.
   */
  async add(spec: ScreenSpec, start: (spec: ScreenSpec) => Promise<Screen>): Promise<Screen> {
    const { most, log } = this.#options;
    if (this.#screens.size + this.#starting.size >= most) {
      const message = `as many screens as are allowed (${most}) are in use`;
      throw new GatewayError('kvm_unavailable', message);
    }
    const signal = AbortSignal.any([spec.signal, this.#ending.signal]);
    signal.throwIfAborted();
    const starting = start({ ...spec, signal });
    this.#starting.add(starting);
    try {
      const screen = await starting;
      this.#screens.add(screen);
      void screen.ended.then(() => this.#screens.delete(screen));
      return screen;
    } catch (cause) {
      signal.throwIfAborted();
      if (cause instanceof GatewayError) throw cause;
      log.error({ err: cause }, 'a screen does not start');
      const message = `no screen can be started${spaceOf(cause)}`;
      throw new GatewayError('kvm_unavailable', message, { cause });
    } finally {
      this.#starting.delete(starting);
    }
  }

  /** Ends them all, those that are just starting too; none starts from now on. Idempotent. */
  async stop(): Promise<void> {
    this.#ending.abort(new GatewayError('kvm_unavailable', 'the gateway stops'));
    await Promise.allSettled(this.#starting);
    await Promise.all([...this.#screens].map((screen) => screen.stop()));
  }
}

function spaceOf(cause: unknown): string {
  return (cause as NodeJS.ErrnoException).code === 'ENOSPC' ? ': the disk is full' : '';
}
