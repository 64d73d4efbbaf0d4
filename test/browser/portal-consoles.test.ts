import assert from 'node:assert/strict';
import { before, describe, it } from 'mocha';
import type { HTTPRequest, Page } from 'puppeteer-core';
import type { TestPage } from '../support/browser.ts';
import { cleanUp } from '../support/dispose.ts';
import { API_TOKENS, type PASSWORDS } from '../support/gateway.ts';
import { startGuacd } from '../support/guacd.ts';
import { until } from '../support/until.ts';
import { startVnc } from '../support/vnc.ts';
import { enterPortal, opens } from './support/portal.ts';
import { DESK, PHONE, Stage, machine } from './support/stage.ts';

const LIST = '[data-testid=others-consoles]';

describe('open consoles in the portal', function () {
  this.slow(6000);
  const suite = cleanUp();
  const each = cleanUp('each');
  let stage: Stage;

  before(async function () {
    this.timeout(40_000);
    const desk = await suite.start(startVnc({ content: 'terminal' }));
    const { host, port } = await suite.start(startGuacd());
    const site = { guacd: [{ host, port }] };
    const nl = { name: 'Far away', owner: 'bob', location: 'nl' };
    stage = await Stage.start(suite, {
      machines: [
        machine('shell', desk, { name: 'Shell', owner: 'alice' }),
        machine('vault', desk, { name: 'Vault', owner: 'alice' }),
        machine('look', desk, { name: 'Look', owner: 'alice' }),
        machine('far', desk, nl),
      ],
      config: {
        locations: { default: site, nl: site },
        policy: [
          { via: ['session'], machines: ['lab:vault'], deny: ['watch', 'kill'] },
          { machines: ['lab:look'], readOnly: true },
        ],
      },
    });
  });

  async function portal(name: keyof typeof PASSWORDS, window = DESK): Promise<TestPage> {
    const tab = await enterPortal(stage, each, name, window);
    await tab.page.waitForSelector('[data-machine]');
    return tab;
  }

  const row = (id: string) => `[data-console="${id}"]`;
  const wordsOf = (page: Page, selector: string) =>
    page.$eval(selector, (element) => (element as HTMLElement).innerText);
  const close = (id: string) =>
    stage.gateway.call('DELETE', `/consoles/${id}`, { as: API_TOKENS.portal });

  /** The list looks every few seconds, and when its tab is seen anew. */
  const looksAgain = (page: Page) =>
    page.evaluate(() => document.dispatchEvent(new Event('visibilitychange')));

  it('are told to staff with who has them, how they are and for how long', async () => {
    const holder = await stage.show(each, { machine: 'lab:shell', user: 'alice' });
    const unseen = await stage.gateway.open({ machine: 'lab:vault', user: 'alice', ttl: 240 });
    const tab = await portal('support');
    await tab.page.waitForSelector(row(unseen.id));
    const words = await wordsOf(tab.page, row(holder.id));
    assert.match(words, /alice at Shell\n/);
    assert.match(words, /connected · Screen · open since .* · (2:00:00|1:59:\d\d) left/);
    assert.match(words, /lab:shell · asked for by portal/);
    assert.match(await wordsOf(tab.page, row(unseen.id)), /not looked at yet .* [34]:\d\d left/);
    assert.equal(
      await tab.page.$(`${row(unseen.id)} button`),
      null,
      'nothing is offered that the policy denies',
    );
    await Promise.all([close(holder.id), close(unseen.id)]);
    await looksAgain(tab.page);
    await tab.page.waitForSelector(LIST, { hidden: true });
  });

  it('are watched by staff in a tab of their own, without a hand in it', async () => {
    const holder = await stage.show(each, { machine: 'lab:shell', user: 'alice' });
    const tab = await portal('support');
    const watch = `${row(holder.id)} [data-testid=console-watch]`;
    await tab.page.waitForSelector(watch);
    const guest = await opens(tab, () => tab.page.click(watch));
    await guest.says(/You are watching/);
    assert.equal(await guest.page.$('[data-testid=take-control]'), null);
    await holder.page.bringToFront();
    await holder.click('watching');
    await holder.says(/Links\s+support\s+watch only · until/);
    await holder.says(/Who is watching\s+support\s+watch only/);
    await close(holder.id);
  });

  it('are closed by staff after a question, and their holder is told by whom', async () => {
    const holder = await stage.show(each, { machine: 'lab:shell', user: 'alice' });
    const tab = await portal('support');
    await tab.page.waitForSelector(row(holder.id));
    await tab.page.click(`${row(holder.id)} [data-testid=console-close]`);
    const confirm = await tab.page.waitForSelector('dialog[open] [data-testid=close-confirm]');
    await confirm?.click();
    await tab.page.waitForSelector(row(holder.id), { hidden: true });
    await holder.page.bringToFront();
    await holder.ends('killed');
    await holder.says(/Closed by support or by the operator/);
  });

  it('are gone from the list when they are closed, also while it was being looked at', async () => {
    const opened = await stage.gateway.open({ machine: 'lab:shell', user: 'alice' });
    const { page } = await portal('support');
    await page.waitForSelector(row(opened.id));
    // The next look at everybody's consoles is one that nothing comes back from.
    const held: HTTPRequest[] = [];
    await page.setRequestInterception(true);
    page.on('request', (request) => {
      const { pathname, searchParams } = new URL(request.url());
      const all = pathname === '/api/v1/consoles' && !searchParams.has('user');
      if (all && request.method() === 'GET' && held.length === 0) held.push(request);
      else void request.continue();
    });
    await looksAgain(page);
    await until(() => held.length === 1, { timeout: 5000, what: 'a look' });
    await page.click(`${row(opened.id)} [data-testid=console-close]`);
    await (await page.waitForSelector('dialog[open] [data-testid=close-confirm]'))?.click();
    await page.waitForSelector(row(opened.id), { hidden: true, timeout: 5000 });
  });

  it('that are over in the meantime are told so in words', async () => {
    const opened = await stage.gateway.open({ machine: 'lab:shell', user: 'alice' });
    const tab = await portal('support');
    const watch = `${row(opened.id)} [data-testid=console-watch]`;
    await tab.page.waitForSelector(watch);
    await close(opened.id);
    await tab.page.click(watch);
    const fault = '[role=alert] [data-testid=fault][data-code=console_killed]';
    await tab.page.waitForSelector(`${row(opened.id)} ${fault}`);
  });

  it('of many people come page by page', async function () {
    this.timeout(40_000);
    const opened = await Promise.all(
      Array.from({ length: 60 }, (_, n) =>
        stage.gateway.open({ machine: 'lab:shell', user: `customer-${n}` }),
      ),
    );
    const tab = await portal('support', PHONE);
    const rows = () => tab.page.$$eval(`${LIST} [data-console]`, (found) => found.length);
    await until(async () => (await rows()) === 50, { timeout: 5000, what: 'the first page' });
    assert.match(await wordsOf(tab.page, `${LIST} summary`), /More than 50 consoles/);
    await tab.page.click('[data-testid=more-others]');
    await until(async () => (await rows()) === 60, { timeout: 5000, what: 'all of them' });
    // What was asked for stays when the list looks again, and all of it comes in one page.
    await close(opened[0]?.id ?? '');
    const later: string[] = [];
    tab.page.on('request', (request) => {
      if (new URL(request.url()).searchParams.has('cursor')) later.push(request.url());
    });
    await looksAgain(tab.page);
    await until(async () => (await rows()) === 59, { timeout: 5000, what: 'one less' });
    assert.deepEqual(later, []);
    await tab.page.click(`${LIST} summary`);
    const kept = () => tab.page.evaluate(() => JSON.stringify({ ...localStorage }));
    const isKept = async () => /othersFolded\W+true/.test(await kept());
    await until(isKept, { timeout: 5000, what: 'the fold to be kept' });
    await tab.page.reload({ waitUntil: 'domcontentloaded' });
    await tab.page.waitForSelector(`${LIST}:not([open])`);
    const folded = async () => /More than 50/.test(await wordsOf(tab.page, `${LIST} summary`));
    await until(folded, { timeout: 5000, what: 'the number of them' });
    assert.equal(await rows(), 0, 'what is folded is not there');
    await tab.page.click(`${LIST} summary`);
    await until(async () => (await rows()) === 50, { timeout: 5000, what: 'the rows again' });
    const wide = () => document.documentElement.scrollWidth > window.innerWidth;
    assert.equal(await tab.page.evaluate(wide), false, 'no scrolling to the side');
    await Promise.all(opened.map(({ id }) => close(id)));
  });

  it('of one’s own say why they cannot be shown here, and others’ are not shown', async () => {
    const [own, other] = [
      await stage.gateway.open({ machine: 'lab:shell', user: 'alice' }),
      await stage.gateway.open({ machine: 'lab:shell', user: 'bob' }),
    ];
    const tab = await portal('alice');
    await tab.page.waitForSelector(row(own.id));
    assert.match(await wordsOf(tab.page, row(own.id)), /Opened elsewhere/);
    assert.equal(await tab.page.$(row(other.id)), null);
    assert.equal(await tab.page.$(LIST), null);
    const opened = await opens(tab, () => tab.page.click('[data-machine="lab:shell"] button'));
    await tab.page.bringToFront();
    const shown = await tab.page.waitForSelector('[data-testid=console-show]');
    const words = await shown?.evaluate((link) => link.closest('li')?.innerText);
    assert.doesNotMatch(words ?? '', /Opened elsewhere/);
    await opened.page.close();
    await Promise.all([close(own.id), close(other.id)]);
  });

  it('have their machines’ mode and, where they differ, places beside them', async () => {
    const alice = await portal('alice');
    assert.match(await wordsOf(alice.page, '[data-machine="lab:look"]'), /opens view-only/);
    const shell = '[data-machine="lab:shell"]';
    assert.doesNotMatch(await wordsOf(alice.page, shell), /view-only|default/);
    const support = await portal('support');
    assert.match(await wordsOf(support.page, shell), /default · lab:shell/);
    assert.match(await wordsOf(support.page, '[data-machine="lab:far"]'), /nl · lab:far/);
  });

  it('lead from their end to the list of machines only where somebody is signed in', async () => {
    const stranger = await stage.show(each, { machine: 'lab:shell', user: 'alice' });
    await close(stranger.id);
    await stranger.ends('killed');
    assert.doesNotMatch(await stranger.words(), /list of machines/);

    const tab = await portal('alice');
    const opened = await opens(tab, () => tab.page.click('[data-machine="lab:shell"] button'));
    const { pathname } = new URL(opened.page.url());
    await close(pathname.split('/').at(-1) ?? '');
    await opened.ends('killed');
    await opened.says(/Go to the list of machines/);
    stranger.assertOnlyRefusals(410);
  });
});
