import { join } from 'node:path';
import { GatewayError } from '../errors.ts';
import type { ImageFolder } from '../images/image-folder.ts';
import type { Logger } from '../log.ts';
import type { Bridges, KvmConsoles, KvmRequest } from '../providers/provider-context.ts';
import type { Endpoint } from '../providers/provider.ts';
import { Evidence } from './evidence.ts';
import { KvmConsole } from './kvm-console.ts';
import type { ScreenRunner } from './runner.ts';
import { sessionFor } from './sessions.ts';
import type { WarmScreens } from './warm-screens.ts';

export interface ScreenedConsolesOptions {
  readonly runner: ScreenRunner;
  /** Where some are kept ready. */
  readonly warm?: WarmScreens | undefined;
  /** Disk images that the pages may be given, read by the runner's programs. */
  readonly images?: ImageFolder | undefined;
  readonly bridges: Bridges;
  readonly dataDir: string;
  /** For signing in. ms */
  readonly loginMs: number;
  readonly log: Logger;
}

/** Screens that one console may have had, when each ended or failed by itself. */
const MOST_SCREENS = 5;
/** A dead screen is let go of, and another one comes up with its browser. ms */
const REACH_MS = 60_000;

/** BMC consoles, each on a screen of its own that guacd reaches by a bridge. */
export class ScreenedConsoles implements KvmConsoles {
  readonly #options: ScreenedConsolesOptions;
  readonly #evidence: Evidence;

  constructor(options: ScreenedConsolesOptions) {
    this.#options = options;
    this.#evidence = new Evidence(join(options.dataDir, 'bmc-pages'));
  }

  async open(request: KvmRequest): Promise<Endpoint> {
    const { bridges } = this.#options;
    const { signal, onFault } = request;
    const screens = new Screens((ended) => this.#start(request, ended));
    try {
      const bridge = await bridges.open({
        ...{ signal, onFault, reachMs: REACH_MS },
        reach: async () => ({ stream: await (await screens.current()).reach() }),
      });
      return {
        ...bridge,
        release: async () => {
          await bridge.release();
          await screens.release();
        },
      };
    } catch (error) {
      await screens.release();
      throw error;
    }
  }

  async #start(request: KvmRequest, ended: AbortSignal): Promise<KvmConsole> {
    const { runner, warm, images, loginMs, log } = this.#options;
    const signal = AbortSignal.any([request.signal, ended]);
    const session = await sessionFor({ ...request, signal }, { runner, warm, images });
    request.onStep('starting-screen');
    const parts = { runner, evidence: this.#evidence, session, loginMs, log };
    const started = new KvmConsole(request, parts);
    await started.start(signal);
    return started;
  }
}

/** A console's screen, and another one where it has ended or failed and somebody comes back. */
class Screens {
  readonly #start: (ended: AbortSignal) => Promise<KvmConsole>;
  readonly #ended = new AbortController();
  #current: Promise<KvmConsole> | undefined;
  #started = 0;

  constructor(start: (ended: AbortSignal) => Promise<KvmConsole>) {
    this.#start = start;
  }

  /** One after the other: whoever comes while another screen is being had waits for that one. */
  current(): Promise<KvmConsole> {
    this.#current = this.#renew(this.#current);
    return this.#current;
  }

  async release(): Promise<void> {
    this.#ended.abort();
    const last = await this.#current?.catch(() => undefined);
    await last?.release();
  }

  async #renew(before: Promise<KvmConsole> | undefined): Promise<KvmConsole> {
    const now = await before?.catch(() => undefined);
    if (now && !now.over) return now;
    await now?.release();
    if (this.#ended.signal.aborted) throw new GatewayError('kvm_crashed', 'the console has ended');
    if (this.#started >= MOST_SCREENS) {
      throw new GatewayError(
        'kvm_crashed',
        'the program that shows the console ends again and again',
      );
    }
    const next = await this.#start(this.#ended.signal);
    this.#started += 1;
    return next;
  }
}
