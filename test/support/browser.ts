import { existsSync } from 'node:fs';
import { launch, type Browser, type BrowserContext, type Page } from 'puppeteer-core';
import { decodePng, type Image, type Region } from './image.ts';
import { inTempDir } from './temp-dir.ts';

const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run',
  '--no-default-browser-check',
  '--lang=en-US',
  // Two pages of its own for each window's address bar, which take more of a processor than a test's page.
  '--disable-features=WebUIOmniboxPopup,WebUIOmniboxAimPopup',
  // Nothing but this machine is ever asked for, whatever a page or Chromium itself would like.
  '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1, EXCLUDE ::1',
];

export interface TestPage {
  readonly page: Page;
  /** Errors on the console and uncaught exceptions so far, as text, oldest first. */
  readonly errors: readonly string[];
  /** What is seen of the page, or of a region of it, in device pixels. */
  screenshot(region?: Region): Promise<Image>;
  /** Closes the page and forgets its cookies. May be called twice. */
  stop(): Promise<void>;
}

export interface TestBrowser {
  /**
   * A page with cookies and storage of its own: another page is another person. Sizes in CSS
   * pixels; `isMobile` brings touch and a viewport of the page's wish.
   */
  newPage(options?: { width?: number; height?: number; isMobile?: boolean }): Promise<TestPage>;
  /** Closes all pages and ends the browser. May be called twice. */
  stop(): Promise<void>;
}

/** Chromium as it is going to be, and as other browsers are: a frame of another site has no cookies. */
export const NO_THIRD_PARTY_COOKIES = '--test-third-party-cookie-phaseout';

/** The machine's Chromium or Chrome, without a window, with a new profile. */
export function startBrowser(...flags: readonly string[]): Promise<TestBrowser> {
  return inTempDir('browser', async (dir) => {
    const browser = await launch({
      executablePath: findBrowser(),
      headless: true,
      args: [...FLAGS, ...flags],
      userDataDir: dir.path,
      // By a pipe, no port is open, and Chromium ends when we do.
      pipe: true,
      handleSIGINT: false,
      handleSIGTERM: false,
      handleSIGHUP: false,
    });
    return {
      newPage: (options) => newPage(browser, options),
      async stop() {
        if (browser.connected) await browser.close();
        await dir.stop();
      },
    };
  });
}

function findBrowser(): string {
  const names = ['chromium', 'google-chrome', 'google-chrome-stable'];
  const found = names.map((name) => `/usr/bin/${name}`).find((path) => existsSync(path));
  if (!found) throw new Error('no Chromium: `npm run setup test` installs it');
  return found;
}

/**
 * What a page shows. What lies in the window is taken as it is: puppeteer else gives the page another size
 * for each picture, and Chromium now and then never draws it in that size.
 */
export async function pictureOf(page: Page, region?: Region): Promise<Image> {
  const clip = region && { clip: region };
  return decodePng(await page.screenshot({ ...clip, captureBeyondViewport: false }));
}

async function newPage(
  browser: Browser,
  { width = 1280, height = 800, isMobile = false } = {},
): Promise<TestPage> {
  const context: BrowserContext = await browser.createBrowserContext();
  const page = await context.newPage();
  await page.setViewport({ width, height, isMobile, hasTouch: isMobile });
  const errors: string[] = [];
  page.on('pageerror', (error) => errors.push(String(error)));
  page.on('console', (message) => {
    if (message.type() === 'error') errors.push(message.text());
  });
  return {
    page,
    errors,
    screenshot: (region) => pictureOf(page, region),
    async stop() {
      if (browser.connected && !page.isClosed()) await context.close();
    },
  };
}
