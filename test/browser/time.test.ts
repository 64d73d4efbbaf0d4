import assert from 'node:assert/strict';
import { before, describe, it } from 'mocha';
import { cleanUp } from '../support/dispose.ts';
import { API_TOKENS } from '../support/gateway.ts';
import { until } from '../support/until.ts';
import { startVnc } from '../support/vnc.ts';
import { ConsolePage } from './support/console-page.ts';
import { Stage, machine } from './support/stage.ts';

/** Source for a page whose clock is off by so many milliseconds. */
function wrongClock(shift: number): string {
  return `{
    const Real = Date;
    const now = () => Real.now() + ${shift};
    window.Date = class extends Real {
      constructor(...args) { super(...(args.length === 0 ? [now()] : args)); }
      static now = now;
    };
  }`;
}

describe("a console's end", function () {
  this.slow(8000);
  const suite = cleanUp();
  const each = cleanUp('each');
  let stage: Stage;

  before(async function () {
    this.timeout(40_000);
    const desk = await suite.start(startVnc({ content: 'terminal' }));
    stage = await Stage.start(suite, { machines: [machine('shell', desk)] });
  });

  afterEach(() => stage.network.resume());

  /** What the bar says that is left, in seconds. */
  async function left(page: ConsolePage): Promise<number> {
    const text = await page.page.$eval('[data-testid=time-left]', (time) => time.textContent ?? '');
    assert.match(text, /^(\d+:)?\d{1,2}:\d\d$/);
    return text.split(':').reduce((total, part) => total * 60 + Number(part), 0);
  }

  /** Seconds that are really left: gateway and test share a clock. */
  async function reallyLeft(id: string): Promise<number> {
    return (Date.parse((await stage.gateway.view(id)).expiresAt) - Date.now()) / 1000;
  }

  /** Resolves when the gateway knows the console as one that has expired. */
  async function gone(id: string): Promise<void> {
    const over = async () => (await stage.gateway.view(id)).state === 'closed';
    await until(over, { timeout: 8000, what: 'the end of the console' });
  }

  async function assertOver(page: ConsolePage): Promise<void> {
    assert.equal(await page.page.$('[data-testid=reconnect-now]'), null, 'no reconnect');
    assert.equal(await page.page.$('.countdown'), null, 'no countdown to one');
    const disabled = (button: Element) => (button as HTMLButtonElement).disabled;
    assert.equal(await page.page.$eval('[data-testid=ctrl-alt-del]', disabled), true);
    assert.equal(await page.page.$eval('[data-testid=close-session]', disabled), true);
  }

  describe('when its time is over', () => {
    it('is told in words, and there is nothing to reconnect to', async () => {
      const page = await stage.show(each, { machine: 'lab:shell', ttl: 5 });
      assert.ok((await left(page)) <= 5);
      await page.ends('expired');
      await page.faulted('console_expired');
      await page.says(/time is up/);
      await assertOver(page);
      await gone(page.id);
      await page.page.reload({ waitUntil: 'domcontentloaded' });
      await page.ends('expired');
      await page.faulted('console_expired');
      await assertOver(page);
      page.assertOnlyRefusals(404, 410);
    });

    it('is told as well when the network is away at that moment', async () => {
      const page = await stage.show(each, { machine: 'lab:shell', ttl: 4 });
      stage.network.cut();
      await page.reaches('lost');
      await gone(page.id);
      stage.network.resume();
      await page.ends('expired');
      await assertOver(page);
      page.assertOnlyNetworkErrors(410);
    });
  });

  describe('the time left', () => {
    it('counts down', async () => {
      const page = await stage.show(each, { machine: 'lab:shell', ttl: 3600 });
      const first = await left(page);
      assert.ok(Math.abs(first - (await reallyLeft(page.id))) <= 2);
      await until(async () => (await left(page)) <= first - 2, {
        timeout: 5000,
        what: 'two seconds less',
      });
      page.assertClean();
    });

    for (const hours of [-30, 3]) {
      it(`goes by the gateway's clock when the browser's is wrong by ${hours} h`, async () => {
        const opened = await stage.gateway.open({ machine: 'lab:shell', ttl: 3600 });
        const page = new ConsolePage(await stage.newTab(each), opened);
        await page.page.evaluateOnNewDocument(wrongClock(hours * 3600_000));
        await page.goto(opened.url);
        await page.reaches('connected');
        assert.ok(Math.abs((await left(page)) - (await reallyLeft(page.id))) <= 2);
        await page.page.reload({ waitUntil: 'domcontentloaded' });
        await page.reaches('connected');
        const right = async () => Math.abs((await left(page)) - (await reallyLeft(page.id))) <= 2;
        await until(right, { timeout: 3000, what: 'the right time after a reload' });
        page.assertClean();
      });
    }
  });

  it('is said beforehand to those who do not see it, with the time that is really left', async () => {
    const page = await stage.show(each, { machine: 'lab:shell', ttl: 390 });
    const said = () => page.page.$eval('[data-testid=closes-soon]', (words) => words.textContent);
    await until(async () => (await said()) !== '', { timeout: 3000, what: 'a word' });
    assert.match((await said()) ?? '', /^This console closes in [67] minutes\.$/);
    page.assertClean();
  });

  describe('more time', () => {
    const EXTEND = '[data-testid=extend]';
    const MENU_EXTEND = '[data-testid=menu-extend]';

    it('is offered in the last minutes, and had with one click', async () => {
      const page = await stage.show(each, { machine: 'lab:shell', ttl: 300 });
      await page.click('extend');
      await page.page.waitForSelector(EXTEND, { hidden: true });
      assert.ok((await left(page)) > 3600);
      assert.ok(Math.abs((await left(page)) - (await reallyLeft(page.id))) <= 2);
      assert.equal(await page.state(), 'connected');
      page.assertClean();
    });

    it('is in the menu at any time until there is no more', async () => {
      const page = await stage.show(each, { machine: 'lab:shell', ttl: 7200 });
      assert.equal(await page.page.$(EXTEND), null, 'nothing to press for yet');
      await page.openMenu();
      for (let hours = 3; hours <= 8; hours++) {
        await page.click('menu-extend');
        await until(async () => (await left(page)) > hours * 3600 - 60, {
          timeout: 3000,
          what: `${hours} hours`,
        });
      }
      await page.page.waitForSelector(MENU_EXTEND, { hidden: true });
      page.assertClean();
    });

    it('is not offered where there is none', async () => {
      const page = await stage.show(each, { machine: 'lab:shell', ttl: 300 });
      const extended = await stage.gateway.call('POST', `/consoles/${page.id}/extend`, {
        as: API_TOKENS.portal,
        body: { seconds: 86_400 },
      });
      assert.equal(extended.status, 200);
      await page.page.waitForSelector(EXTEND, { hidden: true });
      await page.openMenu();
      assert.equal(await page.page.$(MENU_EXTEND), null);
      page.assertClean();
    });

    it('that was not had is told in words, and the page stays', async () => {
      const page = await stage.show(each, { machine: 'lab:shell', ttl: 300 });
      stage.network.cut();
      await page.click('extend');
      await page.says(/The console was not extended\. There is no connection/);
      stage.network.resume();
      await page.reaches('connected');
      await page.click('extend');
      await page.page.waitForSelector(EXTEND, { hidden: true });
      page.assertOnlyNetworkErrors();
    });
  });

  describe('by hand', () => {
    it('is asked about first, and goes on when it was not meant', async () => {
      const page = await stage.show(each, { machine: 'lab:shell' });
      await page.click('close-session');
      await page.says(/Close the session\?/);
      await page.page.keyboard.press('Escape');
      await page.page.waitForFunction(() => !document.querySelector('dialog[open]'));
      assert.equal(await page.state(), 'connected');
      assert.equal((await stage.gateway.view(page.id)).state, 'connected');
      page.assertClean();
    });

    for (const [from, open] of [
      ['the bar', (page: ConsolePage) => page.click('close-session')],
      [
        'the menu',
        async (page: ConsolePage) => {
          await page.openMenu();
          await page.click('menu-close-session');
        },
      ],
    ] as const) {
      it(`closes the console from ${from}, for the API as well`, async () => {
        const page = await stage.show(each, { machine: 'lab:shell' });
        await open(page);
        await page.click('close-confirm');
        await page.ends('ended');
        await page.says(/The console is closed/);
        await assertOver(page);
        const { state, reason } = await stage.reaches(page.id, (view) => view.state === 'closed');
        assert.deepEqual([state, reason], ['closed', 'ended']);
        page.assertClean();
      });
    }

    it('can be left and come back to', async () => {
      const page = await stage.show(each, { machine: 'lab:shell' });
      await page.openMenu();
      await page.click('disconnect');
      await page.reaches('disconnected');
      await page.says(/It stays open until/);
      await stage.reaches(page.id, ({ state }) => state === 'detached');
      await page.click('reconnect-now');
      await page.reaches('connected');
      page.assertClean();
    });
  });

  it('from outside: the page says who may have closed it', async () => {
    const page = await stage.show(each, { machine: 'lab:shell' });
    await stage.gateway.call('DELETE', `/consoles/${page.id}`, { as: API_TOKENS.portal });
    await page.ends('killed');
    await page.faulted('console_killed');
    await page.says(/Closed by support or by the operator/);
    await assertOver(page);
    page.assertClean();
  });
});
