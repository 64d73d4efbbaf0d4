import {
  type CDPSession,
  CDPSessionEvent,
  type Page,
  ProtocolError,
  type Target,
  TargetType,
  connect,
} from 'puppeteer-core';
import { GatewayError } from '../../errors.ts';
import { parseUrl } from '../../platform/parse-url.ts';
import type { CoverText } from '../cover-text.ts';
import type { Screen } from '../runner.ts';
import { WORLD, coverScript, maskScript } from './cover.ts';
import { ImageChooser, type OfferedImages } from './image-chooser.ts';
import { guardPage } from './page-guard.ts';
import { PipeTransport } from './pipe-transport.ts';

export interface KvmBrowserOptions {
  readonly screen: Screen;
  /** What a page did that it may not, or its end. */
  readonly onTrouble: (error: GatewayError) => void;
}

const BLANK = 'about:blank';
const START_MS = 30_000;
const POPUP_MS = 1000;
const BLANK_MS = 2000;
/** For an answer of the page's: one that is being left may never give it. */
const ANSWER_MS = 1000;

/** One page that shows nothing but one BMC's, driven through the browser's pipe. */
export class KvmBrowser {
  readonly page: Page;
  readonly #client: CDPSession;
  readonly #options: KvmBrowserOptions;
  #origin: string | undefined;
  #cover: CoverText | null = null;
  #covers = 0;
  #coverId: string | undefined;
  #drawing: Promise<void> = Promise.resolve();
  /** Whether that has not begun: pages that go on and on share it. */
  #isQueued = false;
  #closing = false;

  private constructor(page: Page, client: CDPSession, options: KvmBrowserOptions) {
    this.page = page;
    this.#client = client;
    this.#options = options;
  }

  /** @throws Error when the browser does not come up. */
  static async open(options: KvmBrowserOptions): Promise<KvmBrowser> {
    const browser = await connect({
      transport: new PipeTransport(options.screen.channel),
      defaultViewport: null,
      // A console's pictures would all be told of, each with what is in it.
      networkEnabled: false,
      protocolTimeout: START_MS,
    });
    const first = await browser.waitForTarget((target) => target.type() === TargetType.PAGE, {
      timeout: START_MS,
    });
    const page = await first.page();
    if (!page) throw new Error('the browser has no page');
    const opened = new KvmBrowser(page, await page.createCDPSession(), options);
    browser.on('targetcreated', (target) => void opened.#close(target));
    await opened.#lockDown();
    return opened;
  }

  /** No page of another origin is shown; before this is said, none at all. */
  showOnly(origin: string): void {
    this.#origin = origin;
  }

  /** A page that asks for a file may have one of these; without it, it gets none. */
  async offer(images: OfferedImages): Promise<void> {
    await new ImageChooser(this.#client, images, (source) => this.#run(source)).start();
  }

  /** Covers the page, and every page that follows it. */
  async cover(text: CoverText): Promise<void> {
    await this.#setCover(text);
  }

  /** The page itself is seen. */
  async uncover(): Promise<void> {
    await this.#setCover(null);
  }

  /** Goes away from what is shown, so that the BMC takes its console back. */
  async leave(): Promise<void> {
    await this.page.goto(BLANK, { timeout: BLANK_MS });
  }

  /** A picture of the page as it is, without what was typed and without these words. PNG */
  async evidence(secrets: readonly string[]): Promise<Uint8Array> {
    const cover = this.#cover;
    await this.#run(maskScript(secrets));
    await this.#setCover(null);
    try {
      return await this.page.screenshot({ captureBeyondViewport: false });
    } finally {
      await this.#setCover(cover);
    }
  }

  /** What happens from now on is the end that was asked for. */
  expectEnd(): void {
    this.#closing = true;
  }

  async #lockDown(): Promise<void> {
    const client = this.#client;
    // A frame of its own process, as a sandboxed one, and a popup; held still until this is through.
    client.connection()?.on(CDPSessionEvent.SessionAttached, (session) => {
      // What is no page, as a worker, refuses.
      guardPage(session).catch(() => undefined);
    });
    client.on('Page.frameNavigated', ({ frame }) => {
      if (frame.parentId !== undefined) return;
      this.#arrived(frame.unreachableUrl ?? frame.url);
      // What was drawn while the last page was left may be lost with it; the end is told elsewhere.
      this.#draw().catch(() => undefined);
    });
    this.page.on('dialog', (dialog) => {
      // No page is kept by a question whether it may be left: its BMC would keep the console.
      const isLeaving = dialog.type() === 'beforeunload';
      (isLeaving ? dialog.accept() : dialog.dismiss()).catch(() => undefined);
      if (isLeaving) return;
      this.#tell('kvm_dialog_refused', `the BMC's page asks something (${dialog.type()})`);
    });
    this.page.on('error', () => this.#tell('kvm_crashed', 'the page has crashed'));
    this.page.on('close', () => this.#tell('kvm_crashed', 'the page has closed'));
    await guardPage(client);
    await client.send('Browser.setDownloadBehavior', { behavior: 'deny' });
    await this.page.goto(BLANK, { timeout: START_MS });
  }

  /** Wherever the page has come to. */
  #arrived(url: string): void {
    if (url === BLANK || url === 'about:srcdoc') return;
    if (this.#isShown(url)) return;
    const place = parseUrl(url);
    const host = place ? place.host || place.protocol : 'nowhere';
    this.#tell('bmc_redirected', `the BMC sends to another place: ${host}`);
    this.leave().catch(() => undefined);
  }

  /** No window but the one: a popup of the BMC's own takes its place, all else is closed. */
  async #close(target: Target): Promise<void> {
    if (target === this.page.target() || target.type() !== TargetType.PAGE) return;
    const isPopup = target.opener() === this.page.target();
    const url = isPopup ? await urlOf(target) : '';
    await this.#client
      .send('Target.closeTarget', { targetId: idOf(target) })
      .catch(() => undefined);
    if (!isPopup) return;
    if (this.#isShown(url)) {
      await this.page.goto(url).catch(() => undefined);
    } else {
      this.#tell('kvm_popup_refused', 'the BMC wants to open another window');
    }
  }

  #tell(status: GatewayError['status'], what: string): void {
    if (this.#closing) return;
    this.#options.onTrouble(new GatewayError(status, what));
  }

  #isShown(url: string): boolean {
    const place = parseUrl(url);
    return place !== null && place.origin === this.#origin;
  }

  async #setCover(text: CoverText | null): Promise<void> {
    this.#covers += 1;
    this.#cover = text;
    await this.#draw();
  }

  /** The cover that is wanted now, on this page and on all that follow it; one after the other. */
  #draw(): Promise<void> {
    if (this.#isQueued) return this.#drawing;
    this.#isQueued = true;
    const draw = async (): Promise<void> => {
      this.#isQueued = false;
      const before = this.#coverId;
      this.#coverId = await this.#addScript(coverScript(this.#cover, this.#covers));
      if (before !== undefined) await this.#removeScript(before);
    };
    this.#drawing = this.#drawing.then(draw, draw);
    return this.#drawing;
  }

  async #run(source: string): Promise<void> {
    await this.#removeScript(await this.#addScript(source));
  }

  /** @returns the script's identifier. Runs it at once as well. */
  async #addScript(source: string): Promise<string> {
    const { identifier } = await this.#ask(() =>
      this.#client.send(
        'Page.addScriptToEvaluateOnNewDocument',
        { source, worldName: WORLD, runImmediately: true },
        { timeout: ANSWER_MS },
      ),
    );
    return identifier;
  }

  /** One that is lost with the page in which it was added is gone as well. */
  async #removeScript(identifier: string): Promise<void> {
    await this.#ask(() =>
      this.#client.send(
        'Page.removeScriptToEvaluateOnNewDocument',
        { identifier },
        { timeout: ANSWER_MS },
      ),
    ).catch((error: unknown) => {
      if (!isAnswer(error, 'Script not found')) throw error;
    });
  }

  /** Asks again while pages are left that should have answered. */
  async #ask<Answer>(ask: () => Promise<Answer>): Promise<Answer> {
    for (const deadline = Date.now() + START_MS; ; ) {
      try {
        return await ask();
      } catch (error) {
        if (!isAnswer(error, 'timed out') || Date.now() > deadline) throw error;
      }
    }
  }
}

function isAnswer(error: unknown, words: string): boolean {
  return error instanceof ProtocolError && error.message.includes(words);
}

/** Where a popup leads: it begins empty. */
async function urlOf(target: Target): Promise<string> {
  const deadline = Date.now() + POPUP_MS;
  while (['', 'about:blank'].includes(target.url()) && Date.now() < deadline) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return target.url();
}

/** Puppeteer keeps it to itself, and closes by way of a page that it would wait for. */
function idOf(target: Target): string {
  return (target as unknown as { _targetId: string })._targetId;
}
