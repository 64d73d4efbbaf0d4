import assert from 'node:assert/strict';
import type { Page } from 'puppeteer-core';
import type { PhaseName } from '../../../client/src/console/page-state.ts';
import type { CloseReason, StatusCode } from '../../../server/contract/index.ts';
import type { TestPage } from '../../support/browser.ts';
import type { Image } from '../../support/image.ts';
import { logBook } from '../../support/log-book.ts';

export type PageState = PhaseName;

/** A point or a box; CSS pixels of the window, or pixels of the machine's screen. */
export interface Point {
  readonly x: number;
  readonly y: number;
}
export interface Box extends Point {
  readonly width: number;
  readonly height: number;
}

/** The console's page as the person before it uses it. */
export class ConsolePage {
  readonly tab: TestPage;
  readonly id: string;
  readonly url: string;

  constructor(tab: TestPage, opened: { readonly id: string; readonly url: string }) {
    this.tab = tab;
    this.id = opened.id;
    this.url = opened.url;
  }

  get page(): Page {
    return this.tab.page;
  }

  async goto(url: string): Promise<void> {
    await this.page.goto(url, { waitUntil: 'domcontentloaded' });
  }

  /** Resolves when the page is in this state; rejects with what it shows instead. */
  async reaches(state: PageState, timeout = 10_000): Promise<void> {
    const selector = `[data-testid=console-state][data-state=${state}]`;
    try {
      await this.page.waitForSelector(selector, { timeout });
    } catch (cause) {
      const told = `${await this.words()}\nThe gateway's last lines:\n${logBook.tail()}`;
      throw new Error(`not ${state} but: ${told}`, { cause });
    }
  }

  async state(): Promise<PageState> {
    const read = (element: Element) => element.getAttribute('data-state');
    return (await this.page.$eval('[data-testid=console-state]', read)) as PageState;
  }

  /** All words that are seen. */
  words(): Promise<string> {
    return this.page.$eval('body', (body) => body.innerText);
  }

  /** Resolves with the words once they match. */
  async says(words: RegExp, timeout = 10_000): Promise<string> {
    const { source, flags } = words;
    const seen = (pattern: string, how: string) =>
      new RegExp(pattern, how).test(document.body.innerText);
    try {
      await this.page.waitForFunction(seen, { timeout, polling: 50 }, source, flags);
    } catch (cause) {
      throw new Error(`no ${words} in: ${await this.words()}`, { cause });
    }
    return this.words();
  }

  /** Resolves when the page names this fault; the sentence that it says of it is given back. */
  async faulted(code: StatusCode | 'network', timeout = 10_000): Promise<string> {
    try {
      const fault = await this.page.waitForSelector(`[data-testid=fault][data-code=${code}]`, {
        timeout,
        visible: true,
      });
      const sentence = (await fault?.evaluate((element) => element.textContent)) ?? '';
      assert.match(sentence, /^\S+ \S+.*\.$/, 'a sentence');
      return sentence;
    } catch (cause) {
      throw new Error(`no ${code} but: ${await this.words()}`, { cause });
    }
  }

  /** Resolves when the console is over for this reason. */
  async ends(reason: CloseReason | 'refused', timeout = 10_000): Promise<void> {
    await this.reaches('ended', timeout);
    const read = (card: Element) => card.getAttribute('data-reason') ?? 'refused';
    assert.equal(await this.page.$eval('.screen .card', read), reason);
  }

  async click(testId: string): Promise<void> {
    const found = await this.page.waitForSelector(`[data-testid=${testId}]`, { visible: true });
    await found?.click();
  }

  /** Where the machine's picture lies in the window, in CSS pixels. */
  box(): Promise<Box> {
    return this.page.$eval('[data-testid=display] .stage > *', (picture) => {
      const { x, y, width, height } = picture.getBoundingClientRect();
      return { x, y, width, height };
    });
  }

  bar(): Promise<Box> {
    return this.page.$eval('.bar', (bar) => {
      const { x, y, width, height } = bar.getBoundingClientRect();
      return { x, y, width, height };
    });
  }

  /** The machine's picture as it is seen. */
  async picture(): Promise<Image> {
    const { x, y, width, height } = await this.box();
    const region = { x, y, width: Math.floor(width), height: Math.floor(height) };
    return this.tab.screenshot(region);
  }

  /** The CSS pixel under which the machine's pixel is seen, and the machine's pixel in its middle. */
  async aim(target: Point, screen: { width: number; height: number }) {
    const box = await this.box();
    const at = {
      x: Math.floor(box.x + ((target.x + 0.5) / screen.width) * box.width),
      y: Math.floor(box.y + ((target.y + 0.5) / screen.height) * box.height),
    };
    const hit = {
      x: ((at.x - box.x) / box.width) * screen.width,
      y: ((at.y - box.y) / box.height) * screen.height,
    };
    return { at, hit };
  }

  /** Presses the keys in their order and lets them go in the opposite one. */
  async chord(...keys: Parameters<Page['keyboard']['down']>[0][]): Promise<void> {
    for (const key of keys) await this.page.keyboard.down(key);
    for (const key of keys.toReversed()) await this.page.keyboard.up(key);
  }

  async openMenu(): Promise<void> {
    await this.click('menu-handle');
    await this.menuIsOpen();
  }

  /** Resolves when the menu is there and has stopped moving. */
  async menuIsOpen(): Promise<void> {
    const menu = await this.page.waitForSelector('[data-testid=menu][open]', { visible: true });
    await menu?.evaluate((dialog) =>
      Promise.all(dialog.getAnimations().map(({ finished }) => finished)),
    );
  }

  /** Resolves when the menu is gone, and the keyboard is the machine's again where there is one. */
  async menuIsClosed(): Promise<void> {
    await this.page.waitForFunction(() => {
      const bodies = [...document.querySelectorAll('dialog .dialog-body')];
      if (document.querySelector('dialog[open]') || bodies.some((body) => body.hasChildNodes()))
        return false;
      const live = document.querySelector('[data-testid=display][data-dimmed=false]');
      return live === null || document.activeElement?.matches('[data-testid=display], textarea');
    });
  }

  async dismissMenu(): Promise<void> {
    await this.click('menu-dismiss');
    await this.menuIsClosed();
  }

  /** Sends a combination from the open menu. */
  async send(combination: string): Promise<void> {
    const button = await this.page.waitForSelector(`[data-combination=${combination}]`);
    await button?.click();
  }

  async chooseInput(method: 'none' | 'text' | 'osk'): Promise<void> {
    await this.openMenu();
    await (await this.page.waitForSelector(`[name=input-method][value=${method}]`))?.click();
    await this.dismissMenu();
  }

  /** Closes the menu, the text field and the on-screen keyboard, whichever is open. */
  async putAway(): Promise<void> {
    if (await this.page.$('dialog[open]')) {
      await this.page.keyboard.press('Escape');
      await this.menuIsClosed();
    }
    const dismiss = await this.page.$('.dock > .bar-icon');
    if (!dismiss) return;
    await dismiss.click();
    await this.page.waitForFunction(() => !document.querySelector('.dock'));
    await this.menuIsClosed();
  }

  /** The end of a test in which nothing went wrong: neither did anything behind the scenes. */
  assertClean(): void {
    assert.deepEqual(this.tab.errors, []);
  }

  /** Nothing went wrong but that the gateway refused calls with these HTTP statuses. */
  assertOnlyRefusals(...statuses: number[]): void {
    const answers = new RegExp(`the server responded with a status of (${statuses.join('|')})\\b`);
    assert.deepEqual(
      this.tab.errors.filter((error) => !answers.test(error)),
      [],
    );
  }

  /**
   * Nothing went wrong but that the gateway could not be reached or had no answer, and what it
   * refused with these HTTP statuses.
   */
  assertOnlyNetworkErrors(...statuses: number[]): void {
    const refused = ['50[234]', ...statuses].join('|');
    const network = new RegExp(
      `net::ERR_|WebSocket connection to .* failed|status of (${refused})\\b`,
    );
    assert.deepEqual(
      this.tab.errors.filter((error) => !network.test(error)),
      [],
    );
  }
}
