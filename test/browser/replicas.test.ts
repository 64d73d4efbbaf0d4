import assert from 'node:assert/strict';
import { before, describe, it } from 'mocha';
import { REPLICA_HEADER } from '../integration/support/balancer.ts';
import { type Replicas, startReplicas } from '../integration/support/replicas.ts';
import { type TestBrowser, startBrowser } from '../support/browser.ts';
import { cleanUp } from '../support/dispose.ts';
import { ConsolePage } from './support/console-page.ts';

/**
 * Source for a page that keeps its first words about a lost connection, which are soon gone, and how
 * much of the machine's picture was there then.
 */
const KEEP_LOST = `window.lost = new Promise((resolve) => {
  const paintedOn = (canvas) => {
    if (canvas.width * canvas.height === 0) return 0;
    const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
    return data.reduce((sum, value, at) => sum + (at % 4 === 3 && value === 255), 0);
  };
  window.painted = () => {
    const canvases = [...document.querySelectorAll('[data-testid=display] canvas')];
    return Math.max(0, ...canvases.map(paintedOn));
  };
  new MutationObserver(() => {
    const words = document.querySelector('.screen .card')?.innerText;
    if (document.querySelector('[data-state=lost]') && words)
      resolve({ words, pixels: window.painted() });
  }).observe(document.body, { subtree: true, childList: true, attributes: true });
})`;

interface Lost {
  readonly words: string;
  readonly pixels: number;
}

for (const kind of ['haproxy', 'nginx'] as const) {
  describe(`the page of a console at two gateways behind ${kind}`, function () {
    this.slow(8000);
    const suite = cleanUp();
    const each = cleanUp('each');
    let browser: TestBrowser;
    let parts: Replicas;

    before(async function () {
      this.timeout(60_000);
      [browser, parts] = await Promise.all([
        suite.start(startBrowser()),
        startReplicas(kind, suite),
      ]);
    });

    /** The gateway at which each of the page's tunnels is, as they open. */
    async function tunnelsOf({ page }: ConsolePage): Promise<string[]> {
      const found: string[] = [];
      const cdp = await page.createCDPSession();
      await cdp.send('Network.enable');
      cdp.on('Network.webSocketHandshakeResponseReceived', ({ response }) => {
        found.push(response.headers[REPLICA_HEADER] ?? response.headers['X-Replica'] ?? '');
      });
      return found;
    }

    it('says that its gateway stops, and goes on at the other one by itself', async function () {
      this.timeout(40_000);
      const opened = await parts.gateway.open({ machine: 'lab:desk' });
      const page = new ConsolePage(await each.start(browser.newPage()), opened);
      const tunnels = await tunnelsOf(page);
      await page.goto(opened.url);
      await page.reaches('connected');
      const [first = ''] = tunnels;
      await page.page.evaluate(`${KEEP_LOST}; null`);
      // A first frame may have nothing in it yet.
      await page.page.waitForFunction('window.painted() > 100_000', { timeout: 10_000 });
      const lost = page.page.evaluate('window.lost') as Promise<Lost>;
      const stopped = parts.behind(first).signal('SIGTERM');
      const { words, pixels } = await lost;
      assert.match(words, /The gateway is restarting/);
      assert.match(words, /Reconnecting in \d seconds?/);
      assert.ok(pixels > 100_000, `the last picture stays: ${pixels} pixels of it`);
      await page.reaches('connected', 20_000);
      assert.equal((await stopped).code, 0);
      assert.notEqual(parts.behind(tunnels.at(-1) ?? ''), parts.behind(first));
      page.assertOnlyNetworkErrors();
    });
  });
}
