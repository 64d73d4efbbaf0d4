import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import decodeQR from 'qr/decode.js';
import { before, describe, it } from 'mocha';
import type { Page } from 'puppeteer-core';
import { apiTokenList } from '../../server/contract/index.ts';
import { Authenticator } from '../support/authenticator.ts';
import type { TestPage } from '../support/browser.ts';
import { cleanUp } from '../support/dispose.ts';
import { PASSWORDS } from '../support/gateway.ts';
import { decodePng, scale } from '../support/image.ts';
import { logBook } from '../support/log-book.ts';
import { DESK, PHONE, Stage } from './support/stage.ts';

const ADMIN = logBook.secret(randomBytes(18).toString('base64url'));

describe('the account page', function () {
  this.slow(4000);
  this.timeout(60_000);
  const suite = cleanUp();
  const each = cleanUp('each');
  let stage: Stage;

  before(async function () {
    this.timeout(40_000);
    const tokenHash = createHash('sha256').update(ADMIN).digest('hex');
    const apiTokens = [{ name: 'root', role: 'admin', tokenHash }];
    const config = { signIn: { totp: ['support'] }, apiTokens };
    stage = await Stage.start(suite, { machines: [], config });
  });

  async function open(path: string, window = DESK): Promise<TestPage> {
    const tab = await stage.newTab(each, window);
    await tab.page.goto(`${stage.network.url}${path}`, { waitUntil: 'domcontentloaded' });
    return tab;
  }

  const at = (testId: string) => `[data-testid=${testId}]`;

  async function fill(page: Page, selector: string, text: string): Promise<void> {
    const field = await page.waitForSelector(selector);
    await field?.click({ count: 3 });
    await field?.type(text);
  }

  async function signIn({ page }: TestPage, name: keyof typeof PASSWORDS): Promise<void> {
    await fill(page, at('username'), name);
    await fill(page, at('password'), PASSWORDS[name]);
    await page.click(at('submit'));
  }

  /** Once it stays where it is: what is loaded above it moves it. */
  async function click(page: Page, testId: string): Promise<void> {
    await page.locator(at(testId)).click();
  }

  /** What a phone's camera makes of the QR code. */
  async function scan({ page }: TestPage): Promise<string> {
    const code = await page.waitForSelector(at('qr'));
    assert.ok(code);
    const seen = decodePng(await code.screenshot());
    let fault: unknown;
    // The reader misses one code in some hundreds; a camera too looks again, from another distance.
    for (const distance of [1, 2, 0.75]) {
      try {
        return decodeQR(scale(seen, seen.width * distance, seen.height * distance));
      } catch (error) {
        fault = error;
      }
    }
    throw fault;
  }

  /** From the button to the codes, by what the QR code says. */
  async function enrol(tab: TestPage, name: keyof typeof PASSWORDS): Promise<Authenticator> {
    const { page } = tab;
    await click(page, 'set-up');
    await fill(page, `${at('totp-begin')} [name=password]`, PASSWORDS[name]);
    await page.keyboard.press('Enter');
    const shown = await page.waitForSelector(at('totp-secret'));
    const secret = (await shown?.evaluate((element) => element.textContent))?.replaceAll(' ', '');
    const scanned = await scan(tab);
    assert.equal(new URL(scanned).searchParams.get('secret'), secret);
    const app = new Authenticator(scanned);
    await fill(page, `${at('totp-confirm')} [name=code]`, app.wrongCode());
    await page.keyboard.press('Enter');
    await page.waitForSelector('[data-code=totp_wrong]');
    await fill(page, `${at('totp-confirm')} [name=code]`, app.code());
    await page.keyboard.press('Enter');
    await page.waitForSelector(at('recovery-codes'));
    return app;
  }

  it('enrols by a QR code that its own page draws, and then a sign-in asks for the code', async () => {
    const tab = await open('/account');
    const { page } = tab;
    const asked: string[] = [];
    page.on('request', (request) => asked.push(request.url()));
    await signIn(tab, 'alice');
    await page.waitForSelector(`${at('totp')}[data-active=false]`);
    const app = await enrol(tab, 'alice');
    const codes = await page.$$eval('.recovery-codes li', (items) =>
      items.map((item) => item.textContent ?? ''),
    );
    for (const code of codes) logBook.secret(code);
    assert.equal(codes.length, 10);
    await click(page, 'codes-kept');
    await page.waitForSelector(`${at('totp')}[data-active=true]`);
    assert.match(
      await page.$eval(at('totp'), (element) => (element as HTMLElement).innerText),
      /10 recovery codes/,
    );
    const foreign = asked.filter((url) => !url.startsWith(stage.network.url));
    assert.deepEqual(foreign, []);

    await page.click(at('sign-out'));
    await signIn(tab, 'alice');
    await page.waitForSelector('[role=alert] [data-code=totp_required]');
    await page.waitForSelector(`${at('totp-code')}:focus`);
    await page.keyboard.type(app.wrongCode());
    await page.keyboard.press('Enter');
    await page.waitForSelector('[role=alert] [data-code=totp_wrong]');
    await fill(page, at('totp-code'), app.code(1));
    await page.keyboard.press('Enter');
    await page.waitForSelector(at('account-page'));
    assert.deepEqual(
      tab.errors.filter((error) => !/status of 401/.test(error)),
      [],
    );
  });

  it('is all that somebody sees who has to enrol, on a phone too; then the machines', async () => {
    const tab = await open('/', PHONE);
    await signIn(tab, 'support');
    await tab.page.waitForSelector(at('account-page'));
    assert.equal(await tab.page.$(at('search')), null);
    assert.equal(await tab.page.$(at('tokens')), null);
    await enrol(tab, 'support');
    const width = await tab.page.evaluate(() => document.documentElement.scrollWidth);
    assert.ok(width <= 360, `${width} pixels wide`);
    const codes = await tab.page.$$eval('.recovery-codes li', (items) =>
      items.map((item) => item.textContent ?? ''),
    );
    for (const code of codes) logBook.secret(code);
    await click(tab.page, 'codes-kept');
    await tab.page.waitForSelector(at('search'));
  });

  it('makes an API token, shows it once, and revokes it when that is confirmed', async () => {
    const tab = await open('/account');
    const { page } = tab;
    // What is loaded above it moves the section.
    const settled = () => page.waitForSelector(`${at('totp')}[data-active=false]`);
    await signIn(tab, 'admin');
    await settled();
    await click(page, 'token-new');
    await page.waitForSelector(`${at('token-form')} [name=name]:focus`);
    await page.keyboard.type('nightly');
    await page.click('[name=token-scope][value=some]');
    await page.click('[name=action][value=open]');
    await page.click('[name=action][value=extend]');
    await page.type('[name=machines]', 'lab:web-*, lab:db');
    await page.select('[name=life]', 'week');
    await click(page, 'token-make');
    const shown = await page.waitForSelector(at('token-text'));
    const token = (await shown?.evaluate((field) => (field as HTMLInputElement).value)) ?? '';
    logBook.secret(token);
    await click(page, 'token-copy');
    await page.waitForFunction(
      (copy) => /Copied/.test(document.querySelector(copy)?.textContent ?? ''),
      {},
      at('token-copy'),
    );
    await click(page, 'token-kept');

    const [view, ...others] = apiTokenList.parse(
      await (await stage.gateway.call('GET', '/tokens?owner=admin', { as: ADMIN })).json(),
    ).items;
    assert.deepEqual(others, []);
    assert.deepEqual(
      [view?.name, view?.actions, view?.machines],
      ['nightly', ['list', 'extend'], ['lab:web-*', 'lab:db']],
    );
    const lives = Date.parse(view?.expiresAt ?? '') - Date.parse(view?.createdAt ?? '');
    assert.equal(lives, 7 * 86_400_000);
    const me = () => stage.gateway.call('GET', '/me', { as: token });
    assert.equal((await me()).status, 200);

    await page.reload({ waitUntil: 'domcontentloaded' });
    await settled();
    const row = await page.waitForSelector(`[data-token="${view?.id}"]`);
    const words = await row?.evaluate((element) => (element as HTMLElement).innerText);
    assert.match(words ?? '', /nightly\s+See machines and their consoles, Give consoles more time/);
    assert.match(words ?? '', /on lab:web-\*, lab:db\s+made .* · works until .* · last used /);
    // Its secret, which may have such a character too: the id is told.
    assert.ok(!(await page.content()).includes(token.slice(`rks_${view?.id}_`.length)));
    await click(page, 'token-revoke');
    await page.waitForSelector(at('revoke-dialog'));
    await page.keyboard.press('Escape');
    // Gone, and not only hidden: the browser has closed it before the page knows.
    await page.waitForFunction(
      (dialog) => document.querySelector(dialog) === null,
      {},
      at('revoke-dialog'),
    );
    assert.equal((await me()).status, 200);
    await page.reload({ waitUntil: 'domcontentloaded' });
    await settled();
    await click(page, 'token-revoke');
    await click(page, 'revoke-confirm');
    await page.waitForSelector(`[data-token="${view?.id}"]`, { hidden: true });
    assert.equal((await me()).status, 401);
    assert.deepEqual(
      tab.errors.filter((error) => !/status of 401/.test(error)),
      [],
    );
  });

  it('lists where one is signed in, and ends it there', async () => {
    const [here, there] = [await open('/account'), await open('/')];
    await signIn(there, 'bob');
    await there.page.waitForSelector(at('sign-out'));
    await signIn(here, 'bob');
    await here.page.waitForSelector('[data-session][data-current=true]');
    const words = await here.page.$eval(
      at('sessions'),
      (element) => (element as HTMLElement).innerText,
    );
    assert.match(words, /Chrome · Linux/);
    assert.match(words, /this browser/);
    await click(here.page, 'end-session');
    await here.page.waitForSelector('[data-session][data-current=false]', { hidden: true });
    await there.page.reload({ waitUntil: 'domcontentloaded' });
    await there.page.waitForSelector(at('sign-in'));
    await here.page.reload({ waitUntil: 'domcontentloaded' });
    await here.page.waitForSelector(at('account-page'));
  });
});
