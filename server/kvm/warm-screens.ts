import { isDeepStrictEqual } from 'node:util';
import type { Logger } from '../log.ts';
import { BrowserScreen } from './browser-screen.ts';
import {
  type Screen,
  type ScreenRunner,
  type ScreenSize,
  type ScreenSpec,
  USUAL_SIZE,
} from './runner.ts';

export interface WarmScreensOptions {
  /** Where the screens run. */
  readonly runner: ScreenRunner;
  /** How many are kept ready. */
  readonly warm: number;
  /** Most screens at once, those that are ready among them. */
  readonly screens: number;
  readonly log: Logger;
}

/** Whoever has just got a screen has the processors to themselves for so long. ms */
const AFTER_TAKEN_MS = 3000;
const BACKOFF_FIRST_MS = 1000;
const BACKOFF_LIMIT_MS = 60_000;
/** One that lived so long had started well: the back-off begins anew. ms */
const STEADY_MS = 30_000;

/**
 * Keeps screens of the usual size ready, browser and all, in front of any runner. Each is given away
 * once and another one takes its place; where all places are taken, those that are ready make room.
 */
export class WarmScreens implements ScreenRunner {
  readonly isHere: boolean;
  readonly #options: WarmScreensOptions;
  readonly #ready: BrowserScreen[] = [];
  readonly #inUse = new Set<Screen>();
  readonly #ending = new AbortController();
  #starting = 0;
  /** One at a time, so that whoever waits has the first of them soon. */
  #making: Promise<void> | undefined;
  #timer: NodeJS.Timeout | undefined;
  #failures = 0;

  constructor(options: WarmScreensOptions) {
    this.#options = options;
    this.isHere = options.runner.isHere;
    this.#refillIn(0);
  }

  /** One that is ready, or about to be; undefined where there is none of this size. */
  async take(size: ScreenSize): Promise<BrowserScreen | undefined> {
    if (!isDeepStrictEqual(size, USUAL_SIZE)) return undefined;
    if (this.#ready.length === 0) await this.#making;
    const taken = this.#ready.shift();
    if (!taken) return undefined;
    this.#failures = 0;
    this.#use(taken.screen);
    this.#refillIn(AFTER_TAKEN_MS);
    return taken;
  }

  find(names: readonly string[]): string | undefined {
    return this.#options.runner.find(names);
  }

  async start(spec: ScreenSpec): Promise<Screen> {
    this.#starting += 1;
    try {
      if (this.#places > this.#options.screens) await this.#making;
      if (this.#places > this.#options.screens) await this.#ready.shift()?.screen.stop();
      return this.#use(await this.#options.runner.start(spec));
    } finally {
      this.#starting -= 1;
    }
  }

  async stop(): Promise<void> {
    this.#ending.abort(new Error('the gateway stops'));
    clearTimeout(this.#timer);
    await this.#options.runner.stop();
    await this.#making;
  }

  get #places(): number {
    return this.#inUse.size + this.#starting + this.#ready.length + (this.#making ? 1 : 0);
  }

  #use(screen: Screen): Screen {
    this.#inUse.add(screen);
    void screen.ended.then(() => {
      this.#inUse.delete(screen);
      this.#refillIn(AFTER_TAKEN_MS);
    });
    return screen;
  }

  #refillIn(ms: number): void {
    if (this.#timer || this.#ending.signal.aborted) return;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      const { warm, screens } = this.#options;
      if (this.#making || this.#ready.length >= warm || this.#places >= screens) return;
      this.#making = this.#make();
    }, ms);
  }

  async #make(): Promise<void> {
    const { runner, log } = this.#options;
    const { signal } = this.#ending;
    try {
      const made = await BrowserScreen.start({ runner, size: USUAL_SIZE, signal });
      if (signal.aborted) return await made.screen.stop();
      const since = performance.now();
      this.#ready.push(made);
      log.debug({ ready: this.#ready.length }, 'a screen is ready');
      void made.screen.ended.then((words) => this.#lost(made, since, words));
      this.#refillIn(0);
    } catch (error) {
      this.#failed(error);
    } finally {
      this.#making = undefined;
    }
  }

  #lost(screen: BrowserScreen, since: number, words: string): void {
    const index = this.#ready.indexOf(screen);
    if (index < 0) return;
    this.#ready.splice(index, 1);
    if (performance.now() - since > STEADY_MS) this.#failures = 0;
    this.#failed(new Error(`it has ended: ${words}`));
  }

  #failed(error: unknown): void {
    if (this.#ending.signal.aborted) return;
    const ms = Math.min(BACKOFF_FIRST_MS * 2 ** this.#failures, BACKOFF_LIMIT_MS);
    this.#failures += 1;
    this.#options.log.warn({ err: error, nextMs: ms }, 'a screen is not kept ready');
    this.#refillIn(ms);
  }
}
