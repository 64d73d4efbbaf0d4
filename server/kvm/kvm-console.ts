import type { Duplex } from 'node:stream';
import { setTimeout as pause } from 'node:timers/promises';
import { PuppeteerError } from 'puppeteer-core';
import { GatewayError, toGatewayError } from '../errors.ts';
import type { Logger } from '../log.ts';
import type { KvmRequest } from '../providers/provider-context.ts';
import { BmcPage } from './bmc-page.ts';
import type { KvmBrowser } from './browser/kvm-browser.ts';
import { BrowserScreen } from './browser-screen.ts';
import type { Driver } from './driver.ts';
import { DRIVERS } from './drivers/index.ts';
import type { ImageFolder } from '../images/image-folder.ts';
import type { Evidence } from './evidence.ts';
import { targetOf } from './public-key.ts';
import { type Screen, type ScreenRunner, USUAL_SIZE } from './runner.ts';
import type { WarmScreens } from './warm-screens.ts';

export interface KvmConsoleParts {
  readonly runner: ScreenRunner;
  /** Where some are kept ready. */
  readonly warm?: WarmScreens | undefined;
  /** What a page that asks for a file may have. */
  readonly images?: ImageFolder | undefined;
  readonly evidence: Evidence;
  /** For signing in. ms */
  readonly loginMs: number;
  readonly log: Logger;
}

/** How often it is looked whether the console is still there, and how often it may be missing. */
const WATCH_MS = 2000;
const MOST_MISSES = 3;
/** A gateway that stops has ten seconds for everything. ms */
const LOGOUT_MS = 3000;
const WORDS = {
  login: 'Signing in at the management controller…',
  openConsole: 'Opening the console…',
  shown: 'Waiting until the console shows…',
} as const;

/** One screen with one BMC's console on it, from its start to the last trace of it. */
export class KvmConsole {
  readonly #parts: KvmConsoleParts;
  readonly #request: KvmRequest;
  readonly #publicKey: string | null;
  readonly #abort = new AbortController();
  readonly #since = Date.now();
  #screen: Screen | undefined;
  #browser: KvmBrowser | undefined;
  #bmc: BmcPage | undefined;
  #driver: Driver | undefined;
  #work: Promise<void> = Promise.resolve();
  #signedOut: Promise<void> = Promise.resolve();
  /** Those who look at the screen: one that dies may not have let go of them when they are told. */
  readonly #reached = new Set<Duplex>();
  #releasing: Promise<void> | undefined;
  #over = false;

  constructor(request: KvmRequest, publicKey: string | null, parts: KvmConsoleParts) {
    this.#request = request;
    this.#publicKey = publicKey;
    this.#parts = parts;
  }

  /** Whether it has ended, or failed in a way that may have passed when somebody comes back. */
  get over(): boolean {
    const reason: unknown = this.#abort.signal.reason;
    return this.#over || (reason instanceof GatewayError && reason.row.retry);
  }

  /**
   * Resolves when the screen shows what is being done; the rest follows by itself.
   *
   * @throws GatewayError `kvm_unavailable`
   */
  async start(signal: AbortSignal): Promise<void> {
    const { name, url, display } = this.#request;
    const { runner, warm, log } = this.#parts;
    const size = { ...USUAL_SIZE, ...display, depth: display?.depth ?? USUAL_SIZE.depth };
    try {
      const ready =
        (await warm?.take(size)) ??
        (await BrowserScreen.start({ runner, size, origin: url.origin, signal }));
      this.#screen = ready.screen;
      this.#browser = ready.browser;
      void ready.screen.ended.then(() => this.#ended());
      ready.aim({
        ...{ url, target: targetOf(url), publicKey: this.#publicKey },
        onRefused: (address) => log.debug({ machine: name, address }, 'address is not the BMC’s'),
        onTrouble: (error) => {
          this.#fail(new GatewayError(error.status, `${name}: ${error.message}`, { cause: error }));
        },
      });
      await this.#offerImages(ready);
      await this.#cover(WORDS.login, false);
    } catch (cause) {
      await this.release();
      if (cause instanceof GatewayError) throw cause;
      throw new GatewayError('kvm_unavailable', `${name}: the browser does not start`, { cause });
    }
    this.#work = this.#walk(this.#browser).catch((error: unknown) => this.#fail(error));
  }

  async #offerImages({ screen, browser }: BrowserScreen): Promise<void> {
    const { images } = this.#parts;
    const folder = screen.images;
    if (!images || folder === undefined) return;
    await browser.offer({
      names: () => images.names(),
      find: async (name) => (await images.find(name)) && `${folder}/${name}`,
    });
  }

  /** @throws GatewayError `kvm_crashed` */
  async reach(): Promise<Duplex> {
    if (!this.#screen) throw new GatewayError('kvm_crashed', 'the screen has ended');
    const stream = await this.#screen.reach();
    this.#reached.add(stream);
    stream.once('close', () => this.#reached.delete(stream));
    return stream;
  }

  /** Signs out, frees the BMC's console and ends everything. Idempotent, never throws. */
  release(): Promise<void> {
    this.#releasing ??= this.#release();
    return this.#releasing;
  }

  async #walk(browser: KvmBrowser): Promise<void> {
    const { vendor } = this.#request;
    const bmc = new BmcPage({
      ...{ page: browser.page, request: this.#request, loginMs: this.#parts.loginMs },
      signal: this.#abort.signal,
    });
    this.#bmc = bmc;
    const driver = DRIVERS[vendor](bmc);
    this.#driver = driver;
    for (const step of ['login', 'openConsole', 'shown'] as const) {
      this.#abort.signal.throwIfAborted();
      await this.#cover(WORDS[step], false);
      await driver[step]();
    }
    this.#abort.signal.throwIfAborted();
    await browser.uncover();
    this.#screen?.acceptInput(true);
    this.#parts.log.info({ machine: this.#request.name, vendor }, 'BMC console shows');
    await this.#watch(bmc);
  }

  /** A BMC that restarts takes its console away, and its page may go on as if nothing were. */
  async #watch(bmc: BmcPage): Promise<void> {
    for (let misses = 0; misses < MOST_MISSES; ) {
      await pause(WATCH_MS, undefined, { signal: this.#abort.signal, ref: false });
      misses = (await bmc.stillShows()) ? 0 : misses + 1;
    }
    throw bmc.fault('bmc_lost', "the console is gone from the BMC's page");
  }

  /** The first of what goes wrong is told, on the screen and to whoever holds the console. */
  #fail(reason: unknown): void {
    if (this.#abort.signal.aborted) return;
    const { name, onFault } = this.#request;
    const { log } = this.#parts;
    const error = this.#errorOf(reason);
    this.#abort.abort(error);
    if (error.status === 'internal') log.error({ machine: name, err: reason }, 'BMC console fails');
    if (error.status === 'kvm_crashed') for (const stream of this.#reached) stream.destroy();
    onFault(error);
    this.#screen?.acceptInput(false);
    void this.#showFailure(error).catch((err: unknown) => log.debug({ err }, 'no picture of it'));
  }

  /** A browser that dies is first noticed by whatever was just asked of it. */
  #errorOf(reason: unknown): GatewayError {
    if (!(reason instanceof PuppeteerError)) return toGatewayError(reason);
    const message = `${this.#request.name}: the browser has ended`;
    return new GatewayError('kvm_crashed', message, { cause: reason });
  }

  async #showFailure(error: GatewayError): Promise<void> {
    const browser = this.#browser;
    if (!browser || this.#over) return;
    const { name, credentials } = this.#request;
    const { evidence, log } = this.#parts;
    const cover = this.#text(error.message.replace(`${name}: `, ''), true);
    await browser.cover(cover);
    if (error.status === 'kvm_page_changed') {
      const secrets = credentials ? [credentials.password.reveal(), credentials.username] : [];
      const path = await evidence.keep(name, await browser.evidence(secrets, cover), new Date());
      log.warn({ machine: name, path }, 'a picture of the BMC’s page is kept');
    }
    await browser.leave();
    await inTime(this.#logout(), LOGOUT_MS);
  }

  async #cover(text: string, failed: boolean): Promise<void> {
    await this.#browser?.cover(this.#text(text, failed));
  }

  #text(text: string, failed: boolean) {
    return { title: this.#request.name, text, failed, since: this.#since };
  }

  /** The screen has ended, by us or by itself. */
  #ended(): void {
    this.#over = true;
    if (!this.#releasing) {
      this.#fail(new GatewayError('kvm_crashed', `${this.#request.name}: the screen has ended`));
    }
  }

  async #release(): Promise<void> {
    const { log } = this.#parts;
    this.#browser?.expectEnd();
    if (!this.#abort.signal.aborted) this.#abort.abort(new Error('nobody looks any more'));
    if (!this.#over) await this.#browser?.leave().catch(() => undefined);
    await inTime(this.#work, LOGOUT_MS);
    await inTime(this.#logout(), LOGOUT_MS);
    await this.#screen?.stop().catch((err: unknown) => log.error({ err }, 'a screen does not end'));
    // A BMC that is slow may have signed us in by now: its session ends as well.
    const signedOut = this.#work.then(() => this.#logout());
    await inTime(
      signedOut.then(() => this.#bmc?.http.close()).catch(() => undefined),
      LOGOUT_MS,
    );
    this.#over = true;
  }

  /** As often as is wanted, one after the other; never rejects. */
  #logout(): Promise<void> {
    this.#signedOut = this.#signedOut
      .then(() => this.#driver?.logout())
      .catch((err: unknown) => {
        this.#parts.log.warn({ machine: this.#request.name, err }, 'the BMC does not sign us out');
      });
    return this.#signedOut;
  }
}

async function inTime(work: Promise<unknown>, ms: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise((resolve) => {
    timer = setTimeout(resolve, ms);
  });
  await Promise.race([work, late]);
  clearTimeout(timer);
}
