import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { connect } from 'puppeteer-core';
import { BrowserScreen } from '../../server/kvm/browser-screen.ts';
import { CHROMIUM, chromium } from '../../server/kvm/browser/chromium.ts';
import { PipeTransport } from '../../server/kvm/browser/pipe-transport.ts';
import { publicKeyOf, targetOf } from '../../server/kvm/public-key.ts';
import { type BmcPages, BmcSite } from '../simulators/bmc-pages/bmc-site.ts';
import { cleanUp } from '../support/dispose.ts';
import { until } from '../support/until.ts';
import { TestScreens } from './support/screens.ts';

const PAGES = 150;

/** A page that goes on to the next as soon as it is there, so many times. */
function restlessBoard(): BmcPages {
  return {
    mayConnect: () => false,
    answer({ query }) {
      const page = Number(query.get('page'));
      const next = page < PAGES ? `location.replace('/?page=${page + 1}')` : '';
      return { body: `<!DOCTYPE html><title>${page}</title><body><script>${next}</script></body>` };
    },
  };
}

describe('the browser of a BMC’s console', function () {
  this.timeout(90_000);
  const each = cleanUp('each');

  it('is covered while its page goes from one to the next, as after a sign-in', async () => {
    const site = await each.start(BmcSite.start(restlessBoard));
    const screens = await each.start(TestScreens.start());
    const url = new URL(site.url);
    const { signal } = new AbortController();
    const trust = { fingerprint: site.fingerprint };
    const request = { name: 'rack: u12', vendor: 'browser', url, trust, signal } as const;
    const publicKey = await publicKeyOf({ ...request, onStep: () => {}, onFault: () => {} });
    const size = { width: 800, height: 600, depth: 24 } as const;
    const { runner } = screens;
    const ready = await BrowserScreen.start({ runner, size, origin: url.origin, signal });
    const { browser } = ready;
    const troubles: Error[] = [];
    ready.aim({
      ...{ url, target: targetOf(url), publicKey, onRefused: () => undefined },
      onTrouble: (error) => troubles.push(error),
    });
    const arrived = browser.page.goto(new URL('/?page=0', url).href);
    const about = { title: 'u12', failed: false, since: Date.now() };
    let covers = 0;
    for (; site.calls.length <= PAGES; covers += 1) {
      await browser.cover({ ...about, text: `step ${covers}` });
    }
    assert.ok(covers > 1, 'while the page went on');
    await arrived;
    const isCovered = () => browser.page.evaluate(() => document.body.nextElementSibling !== null);
    await until(isCovered, { timeout: 5000, what: 'the cover on the last page' });
    await browser.uncover();
    assert.equal(await isCovered(), false);
    await browser.page.reload();
    assert.equal(await isCovered(), false);
    assert.deepEqual(troubles, []);
    browser.expectEnd();
  });

  it('opens no file of the machine’s even where nobody drives it and no policy is given', async () => {
    const { runner } = await each.start(TestScreens.start({ isolation: 'processes' }));
    const executable = runner.find(CHROMIUM);
    assert.ok(executable);
    const size = { width: 800, height: 600, depth: 24 } as const;
    const screen = await runner.start({
      ...{ size, signal: new AbortController().signal, target: () => null },
      program: chromium({ executable, size, origin: undefined, publicKey: '' }),
      onRefused: () => undefined,
    });
    const browser = await connect({
      ...{ transport: new PipeTransport(screen.channel), defaultViewport: null },
    });
    const [page] = await browser.pages();
    assert.ok(page);
    await page.setContent('<input type="file">');
    await page.evaluate(() => {
      const field = document.querySelector('input');
      field?.addEventListener('cancel', () => field.setAttribute('title', 'cancelled'));
    });
    await page.click('input');
    await page.waitForSelector('[title=cancelled]', { timeout: 10_000 });
  });
});
