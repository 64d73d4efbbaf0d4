import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { connect } from 'puppeteer-core';
import { BrowserScreen } from '../../server/kvm/browser-screen.ts';
import { BmcPage } from '../../server/kvm/bmc-page.ts';
import { CHROMIUM, chromium } from '../../server/kvm/browser/chromium.ts';
import { PipeTransport } from '../../server/kvm/browser/pipe-transport.ts';
import { publicKeyOf, targetOf } from '../../server/kvm/public-key.ts';
import type { ScreenRunner, ScreenSpec } from '../../server/kvm/runner.ts';
import type { KvmRequest } from '../../server/providers/provider-context.ts';
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

/** A page that never lets its field be typed into by itself. */
function disabledBoard(): BmcPages {
  return {
    mayConnect: () => false,
    answer: () => ({ body: '<!DOCTYPE html><title>Sign in</title><body><input disabled></body>' }),
  };
}

/** A browser that may show this BMC's pages, and shows none yet. */
async function aim({ runner }: TestScreens, site: BmcSite) {
  const url = new URL(site.url);
  const { signal } = new AbortController();
  const request: KvmRequest = {
    ...{ name: 'rack: u12', vendor: 'browser', url, signal },
    ...{ trust: { fingerprint: site.fingerprint }, onStep: () => {}, onFault: () => {} },
  };
  const size = { width: 800, height: 600, depth: 24 } as const;
  const ready = await BrowserScreen.start({ runner, size, origin: url.origin, signal });
  const troubles: Error[] = [];
  ready.aim({
    ...{ url, target: targetOf(url), publicKey: await publicKeyOf(request) },
    onRefused: () => undefined,
    onTrouble: (error) => troubles.push(error),
  });
  return { browser: ready.browser, url, request, troubles };
}

describe('the browser of a BMC’s console', function () {
  this.timeout(90_000);
  const each = cleanUp('each');

  it('is begun anew when it falls while it comes up, once', async () => {
    const { runner } = await each.start(TestScreens.start({ isolation: 'processes' }));
    const size = { width: 800, height: 600, depth: 24 } as const;
    const { signal } = new AbortController();
    for (const falls of [1, 2]) {
      let begun = 0;
      const falling: ScreenRunner = Object.create(runner, {
        start: {
          value: async (spec: ScreenSpec) => {
            const screen = await runner.start(spec);
            begun += 1;
            if (begun <= falls) void screen.stop();
            return screen;
          },
        },
      });
      const starting = BrowserScreen.start({ runner: falling, size, signal });
      if (falls === 1) await (await starting).screen.stop();
      else await assert.rejects(starting, { status: 'kvm_unavailable' });
      assert.equal(begun, 2);
    }
  });

  it('is covered while its page goes from one to the next, as after a sign-in', async () => {
    const site = await each.start(BmcSite.start(restlessBoard));
    const screens = await each.start(TestScreens.start());
    const { browser, url, troubles } = await aim(screens, site);
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

  it('types into a field once it takes something', async () => {
    const site = await each.start(BmcSite.start(disabledBoard));
    const screens = await each.start(TestScreens.start());
    const { browser, request } = await aim(screens, site);
    const { signal } = request;
    const board = new BmcPage({ page: browser.page, request, loginMs: 20_000, signal });
    await board.goto('/');
    let filled = false;
    const filling = board.fill('input', 'alice').then(() => {
      filled = true;
    });
    // Chromium answers one after the other: what was asked of it before, step by step, is done by then.
    for (let count = 0; count < 100; count += 1) await browser.page.evaluate('0');
    assert.equal(filled, false, 'it waits');
    await browser.page.$eval('input', (field) => {
      field.disabled = false;
    });
    await filling;
    assert.equal(await browser.page.$eval('input', (field) => field.value), 'alice');
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
