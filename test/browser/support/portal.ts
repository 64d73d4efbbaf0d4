import type { Page } from 'puppeteer-core';
import { type TestPage, pictureOf } from '../../support/browser.ts';
import type { Disposables } from '../../support/dispose.ts';
import { PASSWORDS } from '../../support/gateway.ts';
import { ConsolePage, type PageState } from './console-page.ts';
import { DESK, type Stage, type Window } from './stage.ts';

/** Fills in the portal's form and waits until it is through. */
export async function signIn({ page }: TestPage, name: keyof typeof PASSWORDS): Promise<void> {
  await page.waitForSelector('[data-testid=sign-in]');
  await page.type('[data-testid=username]', name);
  await page.type('[data-testid=password]', PASSWORDS[name]);
  await page.click('[data-testid=submit]');
  await page.waitForSelector('[data-testid=sign-out]');
}

/** The portal in a window of its own, of somebody who has signed in; `started` closes it. */
export async function enterPortal(
  stage: Stage,
  started: Disposables,
  name: keyof typeof PASSWORDS,
  window: Window = DESK,
): Promise<TestPage> {
  const tab = await stage.newTab(started, window);
  await tab.page.goto(stage.network.url, { waitUntil: 'domcontentloaded' });
  await signIn(tab, name);
  return tab;
}

/** Does what opens a console in a new tab, and waits for its picture there or for another state. */
export async function opens(
  { page }: TestPage,
  press: () => Promise<void>,
  state: PageState = 'connected',
): Promise<ConsolePage> {
  const opened = new Promise<Page>((resolve) => {
    page.once('popup', (popup) => resolve(popup as Page));
  });
  await press();
  const popup = await opened;
  const errors: string[] = [];
  popup.on('pageerror', (error) => errors.push(String(error)));
  popup.on('console', (message) => {
    if (message.type() === 'error') errors.push(message.text());
  });
  const screenshot: TestPage['screenshot'] = (region) => pictureOf(popup, region);
  const stop = () => popup.close();
  const tab: TestPage = { page: popup, errors, screenshot, stop };
  const console = new ConsolePage(tab, { id: '', url: '' });
  await console.reaches(state);
  return console;
}
