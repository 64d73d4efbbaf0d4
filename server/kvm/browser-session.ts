import { PuppeteerError } from 'puppeteer-core';
import { GatewayError, toGatewayError } from '../errors.ts';
import type { ImageFolder } from '../images/image-folder.ts';
import { BmcPage } from './bmc-page.ts';
import type { KvmBrowser } from './browser/kvm-browser.ts';
import { BrowserScreen } from './browser-screen.ts';
import type { CoverText } from './cover-text.ts';
import type { Driver, DriverFactory } from './driver.ts';
import type { KvmSession, SessionContext } from './kvm-session.ts';
import { targetOf } from './public-key.ts';
import { type Screen, screenSize } from './runner.ts';
import type { WarmScreens } from './warm-screens.ts';

export interface BrowserParts {
  /** Of the certificate that the BMC shows now; see public-key.ts. */
  readonly publicKey: string | null;
  readonly driver: DriverFactory;
  /** Where some are kept ready. */
  readonly warm: WarmScreens | undefined;
  /** What a page that asks for a file may have. */
  readonly images: ImageFolder | undefined;
}

interface Opened {
  readonly browser: KvmBrowser;
  readonly bmc: BmcPage;
  readonly driver: Driver;
}

/** A BMC's web page in a browser, walked through by its maker's driver. */
export class BrowserSession implements KvmSession {
  readonly #context: SessionContext;
  readonly #parts: BrowserParts;
  #attached: Opened | undefined;

  constructor(context: SessionContext, parts: BrowserParts) {
    this.#context = context;
    this.#parts = parts;
  }

  async open(signal: AbortSignal): Promise<Screen> {
    const { request, runner, loginMs } = this.#context;
    const { warm, driver } = this.#parts;
    const { url, display } = request;
    const size = screenSize(display);
    const ready =
      (await warm?.take(size)) ??
      (await BrowserScreen.start({ runner, size, origin: url.origin, signal }));
    const { screen, browser } = ready;
    try {
      this.#aim(ready);
      await this.#offerImages(ready);
    } catch (error) {
      await screen.stop();
      throw error;
    }
    const bmc = new BmcPage({
      ...{ page: browser.page, request, loginMs },
      signal: this.#context.signal,
    });
    this.#attached = { browser, bmc, driver: driver(bmc) };
    return screen;
  }

  cover(text: CoverText): Promise<void> {
    return this.#opened.browser.cover(text);
  }

  uncover(): Promise<void> {
    return this.#opened.browser.uncover();
  }

  login(): Promise<void> {
    return this.#opened.driver.login();
  }

  openConsole(): Promise<void> {
    return this.#opened.driver.openConsole();
  }

  shown(): Promise<void> {
    return this.#opened.driver.shown();
  }

  stillShows(): Promise<boolean> {
    return this.#opened.bmc.stillShows();
  }

  evidence(secrets: readonly string[]): Promise<Uint8Array> {
    return this.#opened.browser.evidence(secrets);
  }

  /** A browser that dies is first noticed by whatever was just asked of it. */
  errorOf(reason: unknown): GatewayError {
    if (!(reason instanceof PuppeteerError)) return toGatewayError(reason);
    const message = `${this.#context.request.name}: the browser has ended`;
    return new GatewayError('kvm_crashed', message, { cause: reason });
  }

  async leave(): Promise<void> {
    await this.#attached?.bmc.settled();
    await this.#attached?.browser.leave();
  }

  async logout(): Promise<void> {
    await this.#attached?.driver.logout();
  }

  expectEnd(): void {
    this.#attached?.browser.expectEnd();
  }

  async close(): Promise<void> {
    await this.#attached?.bmc.http.close();
  }

  get #opened(): Opened {
    if (this.#attached) return this.#attached;
    throw new Error('the browser is not there yet');
  }

  #aim(screen: BrowserScreen): void {
    const { request, log, onTrouble } = this.#context;
    const { name, url } = request;
    screen.aim({
      ...{ url, target: targetOf(url), publicKey: this.#parts.publicKey },
      onRefused: (address) => log.debug({ machine: name, address }, 'address is not the BMC’s'),
      onTrouble: (error) => {
        onTrouble(new GatewayError(error.status, `${name}: ${error.message}`, { cause: error }));
      },
    });
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
}
