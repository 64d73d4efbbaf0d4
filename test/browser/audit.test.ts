import assert from 'node:assert/strict';
import { before, describe, it } from 'mocha';
import type { Page } from 'puppeteer-core';
import { cleanUp } from '../support/dispose.ts';
import { API_TOKENS, PASSWORDS } from '../support/gateway.ts';
import { logBook } from '../support/log-book.ts';
import { until } from '../support/until.ts';
import { signIn } from './support/portal.ts';
import { DESK, PHONE, Stage } from './support/stage.ts';

describe('the page of the audit trail', function () {
  this.slow(4000);
  const suite = cleanUp();
  const each = cleanUp('each');
  let stage: Stage;
  let closed: string;

  before(async function () {
    this.timeout(40_000);
    const vnc = { host: '127.0.0.1', port: 1, password: logBook.secret('of no machine') };
    const machines = ['desk', 'shop'].map((id) => ({ id, consoles: { vnc } }));
    stage = await Stage.start(suite, { machines });
    const { gateway } = stage;
    const as = API_TOKENS.portal;
    const opened = await gateway.openRedeemed({ machine: 'lab:desk', user: 'carol' });
    closed = opened.id;
    await gateway.call('POST', `/consoles/${closed}/extend`, { as: opened.bearer, body: {} });
    await gateway.call('DELETE', `/consoles/${closed}`, { as });
    for (let index = 0; index < 60; index += 1) await gateway.open({ machine: 'lab:shop' });
    await gateway.call('POST', '/login', {
      body: { username: 'alice', password: PASSWORDS.bob },
    });
  });

  async function audit(path = '/audit', window = DESK) {
    const tab = await stage.newTab(each, window);
    await tab.page.goto(`${stage.network.url}${path}`, { waitUntil: 'domcontentloaded' });
    return tab;
  }

  const rows = (page: Page) =>
    page.$$eval('tr[data-action]', (all) =>
      all.map((row) => `${row.getAttribute('data-action')} ${row.getAttribute('data-result')}`),
    );

  async function shows(page: Page, ...expected: string[]): Promise<void> {
    let found: string[] = [];
    const shown = async () => {
      found = await rows(page);
      return found.join() === expected.join();
    };
    await until(shown, { timeout: 5000, what: expected.join() }).catch((cause) => {
      throw new Error(`${found.join()} instead of ${expected.join()}`, { cause });
    });
  }

  const wide = (page: Page) =>
    page.evaluate(
      () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
    );

  it('tells an administrator what happened, more of it, and one console’s story by a click', async () => {
    const tab = await audit('/');
    const { page } = tab;
    await signIn(tab, 'admin');
    await page.click('a[href="/audit"]');
    await page.waitForFunction(() => document.querySelectorAll('tr[data-action]').length === 50);
    assert.deepEqual((await rows(page)).slice(0, 3), [
      'login ok',
      'login credentials_invalid',
      'open ok',
    ]);
    await page.click('[data-testid=more]');
    await page.waitForFunction(() => document.querySelectorAll('tr[data-action]').length === 66);
    await page.click('tr[data-action=close] a');
    await shows(page, 'close ok', 'extend ok', 'redeem ok', 'open ok');
    assert.equal(new URL(page.url()).search, `?console=${closed}`);
    assert.match(await page.$eval('tr[data-action=extend]', (row) => row.textContent), /carol/);
  });

  it('finds by part of a machine’s name, by who, what and with which result', async () => {
    const tab = await audit('/audit?action=close');
    const { page } = tab;
    await signIn(tab, 'admin');
    await shows(page, 'close ok');
    await page.click('[data-testid=clear]');
    await page.type('input[name=machine]', 'DES');
    await shows(page, 'close ok', 'extend ok', 'redeem ok', 'open ok');
    await page.type('input[name=who]', 'caro');
    await shows(page, 'extend ok', 'redeem ok');
    await page.select('select[name=action]', 'redeem');
    await shows(page, 'redeem ok');
    await page.click('[data-testid=clear]');
    await page.select('select[name=result]', 'refused');
    await shows(page, 'login credentials_invalid');
    await page.type('input[name=who]', 'nobody at all');
    await page.waitForSelector('[data-testid=empty]');
  });

  it('is cards on a phone, and no wider than it', async () => {
    const tab = await audit('/audit', PHONE);
    const { page } = tab;
    await signIn(tab, 'admin');
    await page.waitForSelector('tr[data-action]');
    assert.equal(await wide(page), 0);
    const display = await page.$eval('tr[data-action]', (row) => getComputedStyle(row).display);
    assert.equal(display, 'grid');
  });

  it('is offered to nobody else, and says so to whoever comes by its address', async () => {
    const tab = await audit('/');
    const { page } = tab;
    await signIn(tab, 'support');
    assert.equal(await page.$('a[href="/audit"]'), null);
    await page.goto(`${stage.network.url}/audit`);
    await page.waitForSelector('.notice .fault');
    assert.deepEqual(await rows(page), []);
  });
});
