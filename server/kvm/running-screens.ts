import { GatewayError } from '../errors.ts';
import type { Logger } from '../log.ts';
import type { Screen } from './runner.ts';

export interface RunningScreensOptions {
  /** Most at once. */
  readonly most: number;
  readonly log: Logger;
}

/** The screens of one runner: how many there may be, what is said when there is none, their end. */
export class RunningScreens {
  readonly #options: RunningScreensOptions;
  readonly #screens = new Set<Screen>();
  #starting = 0;

  constructor(options: RunningScreensOptions) {
    this.#options = options;
  }

  /**
   * A screen that counts until it has ended.
   *
   * @param start errors that are no GatewayError are logged whole and masked.
   * @throws GatewayError `kvm_unavailable` when there are too many or none can be started.
   */
  async add(signal: AbortSignal, start: () => Promise<Screen>): Promise<Screen> {
    const { most, log } = this.#options;
    if (this.#screens.size + this.#starting >= most) {
      const message = `as many screens as are allowed (${most}) are in use`;
      throw new GatewayError('kvm_unavailable', message);
    }
    this.#starting += 1;
    try {
      const screen = await start();
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
      this.#starting -= 1;
    }
  }

  /** Ends them all. Idempotent. */
  async stop(): Promise<void> {
    await Promise.all([...this.#screens].map((screen) => screen.stop()));
  }
}

function spaceOf(cause: unknown): string {
  return (cause as NodeJS.ErrnoException).code === 'ENOSPC' ? ': the disk is full' : '';
}
