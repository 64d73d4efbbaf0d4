import { setTimeout as pause } from 'node:timers/promises';
import type { ElementHandle, Page } from 'puppeteer-core';
import type { StatusCode } from '../contract/index.ts';
import { GatewayError } from '../errors.ts';
import { parseUrl } from '../platform/parse-url.ts';
import type { KvmRequest } from '../providers/provider-context.ts';
import { RemoteHttp } from '../providers/remote-http.ts';
import { inTime } from './in-time.ts';
import { targetOf } from './public-key.ts';

export interface BmcPageOptions {
  readonly page: Page;
  readonly request: KvmRequest;
  /** For the whole sign-in. ms */
  readonly loginMs: number;
  /** Aborted when nobody waits any more or something has happened that ends it all. */
  readonly signal: AbortSignal;
}

/** For an element of a page that is there already, and for a console to show. ms */
const ELEMENT_MS = 15_000;
const SHOWN_MS = 45_000;
const POLL_MS = 100;
/** A browser that ends before we know its cookie leaves a session at the BMC that nobody can end. */
const COOKIE_POLL_MS = 10;
/** So long the outcome of a sign-in is waited for when nobody waits any more, since it is to be undone. ms */
const SETTLE_MS = 2500;
/** For a look at the page. ms */
const LOOK_MS = 1000;

/** A BMC's web interface as drivers see it: its pages in the browser, and calls beside it. */
export class BmcPage {
  readonly request: KvmRequest;
  /** For what needs no browser, as signing out after it has died. */
  readonly http: RemoteHttp;
  readonly #page: Page;
  readonly #signal: AbortSignal;
  readonly #loginMs: number;
  #shown: string | undefined;
  #signingIn: Promise<unknown> = Promise.resolve();
  #kept: string | undefined;

  constructor({ page, request, loginMs, signal }: BmcPageOptions) {
    this.request = request;
    this.#page = page;
    this.#signal = signal;
    this.#loginMs = loginMs;
    this.http = new RemoteHttp({
      ...{ name: `${request.name}: the BMC`, base: request.url, ...request.trust },
      faults: { unavailable: 'bmc_unavailable', certificate: 'target_certificate_refused' },
    });
  }

  get username(): string {
    return this.#credentials.username;
  }

  /** The one place where a driver gets the password: for the body of a call. */
  revealPassword(): string {
    return this.#credentials.password.reveal();
  }

  /** @throws GatewayError `bmc_unavailable` when the page does not come. */
  async goto(path: string): Promise<void> {
    const url = new URL(path, this.request.url).href;
    try {
      await this.#page.goto(url, { waitUntil: 'domcontentloaded', timeout: this.#loginMs });
    } catch (cause) {
      this.#signal.throwIfAborted();
      const text = cause instanceof Error ? cause.message : '';
      if (text.includes('net::ERR_ABORTED')) return;
      if (/net::ERR_CERT/.test(text)) {
        // Of one that is configured, the browser sees the proxy's instead.
        const what = 'its certificate is not trusted by the browser, and none is configured';
        throw this.fault('target_certificate_refused', what, cause);
      }
      throw this.fault('bmc_unavailable', 'its page does not come', cause);
    }
  }

  /** The path that is shown. */
  get path(): string {
    const url = this.#page.url();
    return parseUrl(url)?.pathname ?? '';
  }

  /** Types into a field, once it is there and takes something. */
  async fill(selector: string, text: string): Promise<void> {
    const field = await this.#find(selector);
    await field.focus();
    await field.evaluate((node) => {
      (node as { value?: string }).value = '';
    });
    await this.#page.keyboard.sendCharacter(text);
  }

  async fillUsername(selector: string): Promise<void> {
    await this.fill(selector, this.username);
  }

  async fillPassword(selector: string): Promise<void> {
    await this.fill(selector, this.revealPassword());
  }

  async click(selector: string): Promise<void> {
    const button = await this.#find(selector);
    await button.click();
  }

  /**
   * Sends a sign-in by a button and finds its outcome: which of these elements is seen first.
   *
   * @throws GatewayError `kvm_login_timeout` when none of them is in time.
   */
  signIn<Name extends string>(
    submit: string,
    named: Readonly<Partial<Record<Name, string>>>,
  ): Promise<Name> {
    return this.#sends(submit, POLL_MS, () => this.#seen(named));
  }

  /** The same, where the outcome is a cookie. @throws GatewayError `kvm_login_timeout` */
  signInForCookie(submit: string, name: string): Promise<string> {
    return this.#sends(submit, COOKIE_POLL_MS, async () => (await this.cookie(name)) || null);
  }

  /** Resolves when no sign-in that was sent is without its outcome, or is not worth waiting for. */
  async settled(): Promise<void> {
    await inTime(this.#signingIn, 2 * SETTLE_MS);
  }

  /** Resolves when this is seen on the console's page. @throws GatewayError `kvm_page_changed` */
  async consoleShows(selector: string): Promise<void> {
    this.#shown = selector;
    for (const deadline = Date.now() + SHOWN_MS; Date.now() < deadline; await this.#pause()) {
      if (await this.#visible(selector)) return;
    }
    throw this.fault('kvm_page_changed', `${selector} does not show on the BMC's page`);
  }

  /** Whether what showed the console does so still; true where nothing was waited for. */
  async stillShows(): Promise<boolean> {
    if (this.#kept !== undefined) await this.keepCookies().catch(() => undefined);
    return this.#shown === undefined || (await this.#visible(this.#shown)) !== null;
  }

  /** The browser's cookie, where it has one now. */
  async cookie(name: string): Promise<string | undefined> {
    const cookies = await this.#page.browserContext().cookies();
    return cookies.find((cookie) => cookie.name === name)?.value;
  }

  /** Remembers what the browser shows the BMC, for when it has died; from now on as it changes. */
  async keepCookies(): Promise<void> {
    const cookies = await this.#page.browserContext().cookies();
    this.#kept = cookies.map(({ name, value }) => `${name}=${value}`).join('; ');
  }

  /** Goes there; a browser that has died is stood in for by a call with its last cookies. */
  async visit(path: string): Promise<void> {
    try {
      await this.goto(path);
    } catch (error) {
      if (!this.#kept) throw error;
      await this.http.call(path, { headers: { accept: '*/*', cookie: this.#kept } });
    }
  }

  /** Gives the browser a cookie of the BMC's. */
  async setCookie(name: string, value: string): Promise<void> {
    const { url } = this.request;
    await this.#page.browserContext().setCookie({
      ...{ name, value, domain: targetOf(url).host, path: '/' },
      secure: url.protocol === 'https:',
    });
  }

  /** Puts these into the session's storage, as the BMC's own pages do. */
  async store(values: Readonly<Record<string, string>>): Promise<void> {
    const text = JSON.stringify(values);
    await this.#page.evaluate(`Object.assign(sessionStorage, ${text})`);
  }

  /** Whether the BMC has a page there. */
  async exists(path: string): Promise<boolean> {
    return (await this.http.call(path, { signal: this.#signal })).status === 200;
  }

  fault(status: StatusCode, what: string, cause?: unknown): GatewayError {
    return new GatewayError(status, `${this.request.name}: ${what}`, { cause });
  }

  /** Its web server is there, and what is behind it is not: it restarts. */
  unavailable(status: number): GatewayError {
    return this.fault('bmc_unavailable', `the BMC answers with HTTP ${status}`);
  }

  /** The password, or the user, is not the right one. */
  refused(): GatewayError {
    return this.fault('provider_refused', 'the BMC does not accept the user and password');
  }

  #late(): GatewayError {
    const seconds = Math.round(this.#loginMs / 1000);
    return this.fault('kvm_login_timeout', `the BMC has not signed us in within ${seconds} s`);
  }

  get #credentials(): NonNullable<KvmRequest['credentials']> {
    const { credentials } = this.request;
    if (!credentials) throw this.fault('provider_refused', 'no user and password are configured');
    return credentials;
  }

  async #find(selector: string): Promise<ElementHandle> {
    const deadline = Date.now() + ELEMENT_MS;
    for (;;) {
      const element = await this.#visible(selector);
      if (element && !(await isDisabled(element))) return element;
      if (Date.now() > deadline) {
        throw this.fault('kvm_page_changed', `${selector} is not on the BMC's page`);
      }
      await this.#pause();
    }
  }

  #sends<Found>(submit: string, pollMs: number, look: () => Promise<Found | null>): Promise<Found> {
    const outcome = this.click(submit).then(() => this.#outcome(look, pollMs));
    this.#signingIn = outcome.catch(() => undefined);
    return outcome;
  }

  async #outcome<Found>(look: () => Promise<Found | null>, pollMs: number): Promise<Found> {
    let deadline = Date.now() + this.#loginMs;
    for (;;) {
      // A page that waits for the next one does not answer: then nothing is seen.
      const found = (await inTime(look(), LOOK_MS)) ?? null;
      if (found !== null) return found;
      const now = Date.now();
      if (this.#signal.aborted) deadline = Math.min(deadline, now + SETTLE_MS);
      if (now > deadline) {
        this.#signal.throwIfAborted();
        throw this.#late();
      }
      await pause(pollMs);
    }
  }

  async #seen<Name extends string>(
    named: Readonly<Partial<Record<Name, string>>>,
  ): Promise<Name | null> {
    for (const [name, selector] of Object.entries(named) as [Name, string][]) {
      if (await this.#visible(selector)) return name;
    }
    return null;
  }

  /** In any of the page's frames, of which old interfaces have many. */
  async #visible(selector: string): Promise<ElementHandle | null> {
    for (const frame of this.#page.frames()) {
      // A frame that is just being left has nothing.
      const element = await frame.$(selector).catch(() => null);
      if (await element?.isVisible().catch(() => false)) return element;
    }
    return null;
  }

  async #pause(): Promise<void> {
    this.#signal.throwIfAborted();
    await pause(POLL_MS);
  }
}

function isDisabled(element: ElementHandle): Promise<boolean> {
  return element.evaluate((node) => Boolean((node as { disabled?: unknown }).disabled));
}
