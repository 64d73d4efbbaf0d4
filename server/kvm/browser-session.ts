import { PuppeteerError } from 'puppeteer-core';
import { GatewayError, toGatewayError } from '../errors.ts';
import { BmcPage } from './bmc-page.ts';
import { chromium } from './browser/chromium.ts';
import { KvmBrowser } from './browser/kvm-browser.ts';
import type { CoverText } from './cover-text.ts';
import type { Driver, DriverFactory } from './driver.ts';
import type { KvmSession, SessionContext } from './kvm-session.ts';
import { type Screen, screenSize } from './runner.ts';

export interface BrowserParts {
  /** Chromium's full path. */
  readonly executable: string;
  /** Of the certificate that the BMC shows now; see public-key.ts. */
  readonly publicKey: string | null;
  readonly driver: DriverFactory;
}

interface Opened {
  readonly browser: KvmBrowser;
  readonly bmc: BmcPage;
  readonly driver: Driver;
}

/** A BMC's web page in a browser, walked through by its maker's driver. */
export class BrowserSession implements KvmSession {
  readonly screen: KvmSession['screen'];
  readonly #context: SessionContext;
  readonly #driver: DriverFactory;
  #attached: Opened | undefined;

  constructor(context: SessionContext, { executable, publicKey, driver }: BrowserParts) {
    const { url, display } = context.request;
    const size = screenSize(display);
    this.#context = context;
    this.#driver = driver;
    this.screen = { program: chromium({ executable, size, origin: url.origin, publicKey }) };
  }

  async attach(screen: Screen): Promise<void> {
    const { request, loginMs, signal, onTrouble } = this.#context;
    const { name, url } = request;
    const browser = await KvmBrowser.open({ screen, origin: url.origin, name, onTrouble });
    const bmc = new BmcPage({ page: browser.page, request, loginMs, signal });
    this.#attached = { browser, bmc, driver: this.#driver(bmc) };
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

  evidence(secrets: readonly string[], cover: CoverText): Promise<Uint8Array> {
    return this.#opened.browser.evidence(secrets, cover);
  }

  /** A browser that dies is first noticed by whatever was just asked of it. */
  errorOf(reason: unknown): GatewayError {
    if (!(reason instanceof PuppeteerError)) return toGatewayError(reason);
    const message = `${this.#context.request.name}: the browser has ended`;
    return new GatewayError('kvm_crashed', message, { cause: reason });
  }

  async leave(): Promise<void> {
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
}
