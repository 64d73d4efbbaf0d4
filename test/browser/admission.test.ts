import assert from 'node:assert/strict';
import { before, describe, it } from 'mocha';
import { cleanUp } from '../support/dispose.ts';
import { type VncPeer, startVnc } from '../support/vnc.ts';
import { ConsolePage } from './support/console-page.ts';
import { Stage, machine } from './support/stage.ts';
import { typedFile } from './support/typed-file.ts';

describe("a console's link", function () {
  this.slow(4000);
  const suite = cleanUp();
  const each = cleanUp('each');
  let terminal: VncPeer;
  let stage: Stage;

  before(async function () {
    this.timeout(40_000);
    terminal = await suite.start(startVnc({ content: 'terminal' }));
    stage = await Stage.start(suite, { machines: [machine('shell', terminal)] });
  });

  /** Follows a link in another browser, as somebody who was sent it. */
  async function follow(url: string): Promise<ConsolePage> {
    const page = new ConsolePage(await stage.newTab(each), { id: '', url });
    await page.goto(url);
    return page;
  }

  it('leaves its key neither in the address bar nor in the history', async () => {
    const page = await stage.show(each, { machine: 'lab:shell' });
    assert.equal(new URL(page.url).hash.length > 1, true);
    assert.equal(page.page.url(), page.url.replace(/#.*$/, ''));
    assert.equal(await page.page.evaluate(() => document.documentURI), page.page.url());
    const cdp = await page.page.createCDPSession();
    const { entries } = await cdp.send('Page.getNavigationHistory');
    const key = new URL(page.url).hash.slice(1);
    for (const { url } of entries) assert.ok(!url.includes(key), 'the history has it');
    const stored = await page.page.evaluate(() =>
      JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie]),
    );
    assert.ok(!stored.includes(key), 'the browser keeps it');
    page.assertClean();
  });

  it('may be reloaded in the same browser, and works', async () => {
    const page = await stage.show(each, { machine: 'lab:shell' });
    for (const round of ['first', 'second']) {
      await page.page.reload({ waitUntil: 'domcontentloaded' });
      await page.reaches('connected');
      await page.page.keyboard.type(`echo again > ${round}\n`);
      assert.equal(await typedFile(terminal, round), 'again\n');
    }
    page.assertClean();
  });

  it('may be followed a second time in the same browser', async () => {
    const page = await stage.show(each, { machine: 'lab:shell' });
    await page.goto('about:blank');
    await page.goto(page.url);
    await page.reaches('connected');
    page.assertOnlyRefusals(410);
  });

  it('opens nothing in another browser once it was used, and says so', async () => {
    const first = await stage.show(each, { machine: 'lab:shell' });
    const second = await follow(first.url);
    await second.ends('refused');
    assert.match(await second.faulted('launch_key_used'), /already been used/);
    assert.equal(await second.page.$('[data-testid=reconnect-now]'), null);
    assert.equal(await first.state(), 'connected', 'the first one is not disturbed');
    second.assertOnlyRefusals(410, 401);
    first.assertClean();
  });

  it('opens nothing with another key, and says so', async () => {
    const { url } = await stage.gateway.open({ machine: 'lab:shell' });
    for (const key of ['garbage', '%E0%A4%A', 'x'.repeat(300)]) {
      const page = await follow(url.replace(/#.*$/, `#${key}`));
      await page.ends('refused');
      await page.faulted('launch_key_invalid');
      page.assertOnlyRefusals(400, 403);
      await page.tab.stop();
    }
    const rightful = await follow(url);
    await rightful.reaches('connected');
  });

  it('opens nothing without a key in a browser that never had it, and says so', async () => {
    const { url } = await stage.gateway.open({ machine: 'lab:shell' });
    const page = await follow(url.replace(/#.*$/, ''));
    await page.ends('refused');
    await page.faulted('unauthenticated');
    page.assertOnlyRefusals(401);
  });

  it('of a console that there is not says so, with a key and without', async () => {
    const { url } = await stage.gateway.open({ machine: 'lab:shell' });
    for (const fragment of ['#garbage', '']) {
      const unknown = new URL(`/console/no-such-console${fragment}`, url).href;
      const page = await follow(unknown);
      await page.ends('refused');
      await page.faulted('console_not_found');
      page.assertOnlyRefusals(404);
      await page.tab.stop();
    }
  });
});
