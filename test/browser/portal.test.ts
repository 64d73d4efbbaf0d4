import assert from 'node:assert/strict';
import { type Socket, createSocket } from 'node:dgram';
import { once } from 'node:events';
import { before, describe, it } from 'mocha';
import type { Page } from 'puppeteer-core';
import type { TestPage } from '../support/browser.ts';
import { cleanUp } from '../support/dispose.ts';
import { PASSWORDS } from '../support/gateway.ts';
import { compare, scale } from '../support/image.ts';
import { until } from '../support/until.ts';
import { type VncPeer, startVnc } from '../support/vnc.ts';
import { opens, signIn } from './support/portal.ts';
import { DESK, PHONE, Stage, machine } from './support/stage.ts';

describe('the portal', function () {
  this.slow(4000);
  const suite = cleanUp();
  const each = cleanUp('each');
  let desk: VncPeer;
  let stage: Stage;
  let network: Socket;

  before(async function () {
    this.timeout(40_000);
    desk = await suite.start(startVnc({ content: 'terminal' }));
    network = createSocket('udp4').bind(0, '127.0.0.1');
    suite.add(() => network.close());
    await once(network, 'listening');
    const { port } = network.address();
    const wakeOnLan = { mac: '02:00:5e:10:00:ff', broadcast: '127.0.0.1', port };
    const machines = [
      machine('alice-1', desk, { name: 'Alice one', owner: 'alice', wakeOnLan }),
      machine('alice-2', desk, { name: 'Alice two', owner: 'alice' }),
      machine('bob-1', desk, { name: 'Bob one', owner: 'bob' }),
    ];
    stage = await Stage.start(suite, { machines });
  });

  async function portal(window = DESK): Promise<TestPage> {
    const tab = await stage.newTab(each, window);
    await tab.page.goto(stage.network.url, { waitUntil: 'domcontentloaded' });
    return tab;
  }

  const machinesOf = (page: Page) =>
    page.$$eval('[data-machine]', (rows) => rows.map((row) => row.getAttribute('data-machine')));

  async function lists(page: Page, ...ids: string[]): Promise<void> {
    const expected = ids.map((id) => `lab:${id}`).join();
    let found = '';
    const listed = async () => {
      found = (await machinesOf(page)).join();
      return found === expected;
    };
    await until(listed, { timeout: 5000, what: expected }).catch((cause) => {
      throw new Error(`${found} instead of ${expected}`, { cause });
    });
  }

  // Who is not signed in is told by a 401, which Chromium writes down as an error.
  const assertClean = ({ errors }: TestPage) =>
    assert.deepEqual(
      errors.filter((error) => !/status of 401/.test(error)),
      [],
    );

  it('shows a customer their own machines only', async () => {
    const tab = await portal();
    await signIn(tab, 'alice');
    await lists(tab.page, 'alice-1', 'alice-2');
    const words = await tab.page.$eval('body', (body) => body.innerText);
    assert.match(words, /alice/);
    assert.match(words, /2 machines/);
    assert.doesNotMatch(words, /Bob/);
    assertClean(tab);
  });

  it('switches a machine by what there is for it, and says that it was told', async () => {
    const tab = await portal();
    await signIn(tab, 'alice');
    await lists(tab.page, 'alice-1', 'alice-2');
    assert.equal(await tab.page.$('[data-machine="lab:alice-2"] [data-testid=power]'), null);
    await tab.page.click('[data-machine="lab:alice-1"] [data-testid=power]');
    const received = once(network, 'message');
    await tab.page.waitForSelector('[data-power-action=on]', { visible: true });
    await tab.page.click('[data-power-action=on]');
    await received;
    const told = 'dialog[open] [role=status]:not(:empty)';
    const words = await tab.page.waitForSelector(told);
    assert.match((await words?.evaluate((node) => node.textContent)) ?? '', /Switch on/);
    await tab.page.click('[data-testid=power-dismiss]');
    assertClean(tab);
  });

  it('shows support all machines', async () => {
    const tab = await portal();
    await signIn(tab, 'support');
    await lists(tab.page, 'alice-1', 'alice-2', 'bob-1');
    assertClean(tab);
  });

  it('says in words that the password is wrong, and keeps the name', async () => {
    const tab = await portal();
    await tab.page.waitForSelector('[data-testid=sign-in]');
    await tab.page.type('[data-testid=username]', 'alice');
    await tab.page.type('[data-testid=password]', 'not-the-password');
    await tab.page.click('[data-testid=submit]');
    const fault = await tab.page.waitForSelector('[role=alert] [data-code=credentials_invalid]');
    const sentence = await fault?.evaluate((element) => element.textContent);
    assert.equal(sentence, 'User name or password is wrong.');
    const name = await tab.page.$eval(
      '[data-testid=username]',
      (field) => (field as HTMLInputElement).value,
    );
    assert.equal(name, 'alice');
    assertClean(tab);
  });

  it('opens a console in a new tab, which shows the machine', async () => {
    const tab = await portal();
    await signIn(tab, 'alice');
    await lists(tab.page, 'alice-1', 'alice-2');
    const console = await opens(tab, () => tab.page.click('[data-machine="lab:alice-1"] button'));
    await console.page.setViewport({ width: 1280, height: 800 });
    const alike = async () => {
      const [sent, shown] = [await desk.grab(), await console.picture()];
      return compare(scale(sent, shown.width, shown.height), shown) < 0.015;
    };
    await until(alike, { timeout: 8000, every: 100, what: 'the same picture' });
    assert.match(await console.page.title(), /Alice one/);
    assert.equal(new URL(console.page.url()).hash, '');
    assert.equal(await console.page.evaluate(() => window.opener === null), true);
    assert.equal(await tab.page.$('[data-testid=fault]'), null);
    assertClean(tab);
    console.assertClean();
  });

  it('finds machines by a part of their name', async () => {
    const tab = await portal();
    await signIn(tab, 'support');
    await lists(tab.page, 'alice-1', 'alice-2', 'bob-1');
    await tab.page.type('[data-testid=search]', 'TWO');
    await lists(tab.page, 'alice-2');
    await tab.page.click('[data-testid=search]', { count: 3 });
    await tab.page.keyboard.type('no such name');
    await tab.page.waitForSelector('[data-testid=empty]');
    await tab.page.click('[data-testid=search]', { count: 3 });
    await tab.page.keyboard.press('Backspace');
    await lists(tab.page, 'alice-1', 'alice-2', 'bob-1');
    assertClean(tab);
  });

  it('is left by signing out, and stays so after a reload', async () => {
    const tab = await portal();
    await signIn(tab, 'alice');
    await tab.page.reload({ waitUntil: 'domcontentloaded' });
    await lists(tab.page, 'alice-1', 'alice-2');
    await tab.page.click('[data-testid=sign-out]');
    await tab.page.waitForSelector('[data-testid=sign-in]');
    await tab.page.reload({ waitUntil: 'domcontentloaded' });
    await tab.page.waitForSelector('[data-testid=sign-in]');
    assertClean(tab);
  });

  it('says at a mistyped address that there is no page, and leads home', async () => {
    const { page } = await stage.newTab(each);
    await page.goto(`${stage.network.url}/consoles/desk`, { waitUntil: 'domcontentloaded' });
    await page.waitForSelector('[data-testid=no-page]');
    await page.click('[data-testid=no-page] a');
    await page.waitForSelector('[data-testid=sign-in]');
  });

  it('needs no mouse', async () => {
    const tab = await portal();
    const { page } = tab;
    await page.waitForSelector('[data-testid=username]:focus');
    await page.keyboard.type('alice');
    await page.keyboard.press('Tab');
    await page.keyboard.type(PASSWORDS.alice);
    await page.keyboard.press('Enter');
    await page.waitForSelector('[data-machine]');
    await tabTo(page, '[data-machine="lab:alice-2"] button');
    const console = await opens(tab, () => page.keyboard.press('Enter'));
    assert.match(await console.page.title(), /Alice two/);
    await page.bringToFront();
    await tabTo(page, '[data-testid=sign-out]');
    await page.keyboard.press('Enter');
    await page.waitForSelector('[data-testid=sign-in]');
    assertClean(tab);
  });

  it('fits a phone', async () => {
    const tab = await portal(PHONE);
    await signIn(tab, 'alice');
    await lists(tab.page, 'alice-1', 'alice-2');
    const wide = () => document.documentElement.scrollWidth > window.innerWidth;
    assert.equal(await tab.page.evaluate(wide), false, 'no scrolling to the side');
    const console = await opens(tab, () => tab.page.tap('[data-machine="lab:alice-1"] button'));
    console.assertClean();
    assertClean(tab);
  });

  /** Goes from control to control until this one has the focus, which must be seen. */
  async function tabTo(page: Page, selector: string): Promise<void> {
    for (let presses = 0; presses < 30; presses += 1) {
      const outline = await page.evaluate((wanted) => {
        const focused = document.activeElement;
        if (!focused?.matches(wanted)) return null;
        return getComputedStyle(focused).outlineStyle;
      }, selector);
      if (outline !== null) {
        assert.notEqual(outline, 'none', 'the focus is seen');
        return;
      }
      await page.keyboard.press('Tab');
    }
    assert.fail(`no way to ${selector} by Tab`);
  }
});
