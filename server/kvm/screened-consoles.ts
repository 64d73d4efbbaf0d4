import { join } from 'node:path';
import { GatewayError } from '../errors.ts';
import type { Logger } from '../log.ts';
import type { Bridges, Endpoint, KvmConsoles, KvmRequest } from '../providers/provider.ts';
import { findChromium } from './browser/chromium.ts';
import { Evidence } from './evidence.ts';
import { KvmConsole } from './kvm-console.ts';
import { publicKeyOf } from './public-key.ts';
import type { ScreenRunner } from './runner.ts';

export interface ScreenedConsolesOptions {
  readonly runner: ScreenRunner;
  readonly bridges: Bridges;
  readonly dataDir: string;
  /** For signing in. ms */
  readonly loginMs: number;
  readonly log: Logger;
}

/** Screens that one console may have had, when each ended or failed by itself. */
const MOST_SCREENS = 5;

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
    const screens = new Screens(() => this.#start(request));
    try {
      const bridge = await bridges.open({
        ...{ signal, onFault },
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

  async #start(request: KvmRequest): Promise<KvmConsole> {
    const { runner, loginMs, log } = this.#options;
    const executable = findChromium();
    if (!executable) {
      throw new GatewayError('kvm_unavailable', `${request.name}: there is no Chromium here`);
    }
    const publicKey = await publicKeyOf(request);
    request.onStep('starting-screen');
    const parts = { runner, evidence: this.#evidence, executable, loginMs, log };
    const started = new KvmConsole(request, publicKey, parts);
    await started.start(request.signal);
    return started;
  }
}

/** A console's screen, and another one where it has ended or failed and somebody comes back. */
class Screens {
  readonly #start: () => Promise<KvmConsole>;
  #current: Promise<KvmConsole> | undefined;
  #started = 0;
  #released = false;

  constructor(start: () => Promise<KvmConsole>) {
    this.#start = start;
  }

  async current(): Promise<KvmConsole> {
    const now = await this.#current?.catch(() => undefined);
    if (now && !now.over) return now;
    await now?.release();
    if (this.#released) throw new GatewayError('kvm_crashed', 'the console has ended');
    this.#current = this.#next();
    return this.#current;
  }

  async release(): Promise<void> {
    this.#released = true;
    const last = await this.#current?.catch(() => undefined);
    await last?.release();
  }

  async #next(): Promise<KvmConsole> {
    this.#started += 1;
    if (this.#started > MOST_SCREENS) {
      throw new GatewayError(
        'kvm_crashed',
        'the program that shows the console ends again and again',
      );
    }
    return this.#start();
  }
}
