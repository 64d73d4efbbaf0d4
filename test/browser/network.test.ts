import assert from 'node:assert/strict';
import { before, describe, it } from 'mocha';
import { cleanUp } from '../support/dispose.ts';
import { type Image, crop } from '../support/image.ts';
import { until } from '../support/until.ts';
import { type VncPeer, startVnc } from '../support/vnc.ts';
import type { ConsolePage } from './support/console-page.ts';
import { Stage, machine } from './support/stage.ts';
import { typedFile } from './support/typed-file.ts';

describe('when the network goes', function () {
  this.slow(8000);
  const suite = cleanUp();
  const each = cleanUp('each');
  let terminal: VncPeer;
  let stage: Stage;

  before(async function () {
    this.timeout(40_000);
    terminal = await suite.start(startVnc({ content: 'terminal' }));
    stage = await Stage.start(suite, { machines: [machine('shell', terminal)] });
  });

  afterEach(() => stage.network.resume());

  /** The tunnel tokens that the page has used so far. */
  async function tokensOf(page: ConsolePage): Promise<string[]> {
    const tokens: string[] = [];
    const cdp = await page.page.createCDPSession();
    await cdp.send('Network.enable');
    cdp.on('Network.webSocketCreated', ({ url }) => {
      tokens.push(new URL(url).searchParams.get('token') ?? '');
    });
    return tokens;
  }

  async function assertTypes(page: ConsolePage, name: string): Promise<void> {
    await page.page.keyboard.type(`echo hello > ${name}\n`);
    assert.equal(await typedFile(terminal, name), 'hello\n');
  }

  /** A strip of the picture that no card covers, as the luminance of each pixel, 0 to 255. */
  async function strip(page: ConsolePage): Promise<number[]> {
    const image: Image = crop(await page.picture(), { x: 0, y: 0, width: 280, height: 300 });
    return Array.from({ length: image.width * image.height }, (_, at) => {
      const [red = 0, green = 0, blue = 0] = image.data.subarray(at * 4, at * 4 + 3);
      return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
    });
  }

  /** How alike two pictures are whatever their brightness: 1 for the same (Pearson's r). */
  function likeness(a: readonly number[], b: readonly number[]): number {
    const mean = (values: readonly number[]) => values.reduce((x, y) => x + y, 0) / values.length;
    const [meanA, meanB] = [mean(a), mean(b)];
    let [both, squareA, squareB] = [0, 0, 0];
    for (const [at, value] of a.entries()) {
      const [x, y] = [value - meanA, (b[at] ?? 0) - meanB];
      both += x * y;
      squareA += x * x;
      squareB += y * y;
    }
    return both / Math.sqrt(squareA * squareB);
  }

  const spread = (values: readonly number[]) =>
    values.reduce((x, y) => Math.max(x, y), 0) - values.reduce((x, y) => Math.min(x, y), 255);

  it('keeps the last picture, dimmed, and says what happened and what comes', async () => {
    const page = await stage.show(each, { machine: 'lab:shell' });
    await until(async () => spread(await strip(page)) > 150, {
      timeout: 5000,
      what: 'a picture with letters',
    });
    const live = await strip(page);
    stage.network.cut();
    await page.reaches('lost');
    await page.faulted('network');
    await page.says(/Connection lost/);
    await page.says(/Reconnecting in \d seconds?/);
    const dimmed = () => strip(page).then((seen) => spread(seen) < 0.6 * spread(live) && seen);
    const seen = await until(dimmed, { timeout: 3000, what: 'a dimmed picture' });
    assert.ok(spread(seen) > 0.2 * spread(live), 'it can still be read');
    assert.ok(likeness(live, seen) > 0.95, `it is the last one: ${likeness(live, seen)}`);
    page.assertOnlyNetworkErrors();
  });

  it('comes back by itself with a fresh token', async () => {
    const page = await stage.open(each, { machine: 'lab:shell' });
    const tokens = await tokensOf(page);
    await page.reaches('connected');
    stage.network.cut();
    await page.reaches('lost');
    // Not at the first try.
    await page.says(/Reconnecting in 2 seconds/);
    stage.network.resume();
    await page.reaches('connected');
    await assertTypes(page, 'after-a-cut');
    assert.ok(tokens.length >= 1 && tokens.every((token) => token.length > 20));
    assert.equal(new Set(tokens).size, tokens.length, 'each token once');
    page.assertOnlyNetworkErrors();
  });

  it('comes back from a short cut as well', async () => {
    const page = await stage.show(each, { machine: 'lab:shell' });
    const tokens = await tokensOf(page);
    stage.network.drop();
    await page.reaches('lost');
    await page.reaches('connected');
    await assertTypes(page, 'after-a-drop');
    assert.equal(tokens.length, 1);
    page.assertOnlyNetworkErrors();
  });

  it('waits longer each time, and tries at once when told to', async () => {
    const page = await stage.show(each, { machine: 'lab:shell' });
    stage.network.cut();
    await page.says(/Reconnecting in 1 second\b/);
    await page.says(/Reconnecting in 4 seconds/);
    stage.network.resume();
    await page.click('reconnect-now');
    const tries = () =>
      document.querySelector('[data-testid=console-state]')?.getAttribute('data-state') !== 'lost';
    await page.page.waitForFunction(tries, { timeout: 2000 });
    await page.reaches('connected');
    page.assertOnlyNetworkErrors();
  });

  it('says that the connection wavers while nothing comes, and goes on with it', async () => {
    const page = await stage.show(each, { machine: 'lab:shell' });
    const tokens = await tokensOf(page);
    stage.network.pause();
    await page.reaches('unstable');
    await page.says(/unstable/);
    await page.page.keyboard.type('echo kept > while-paused\n');
    stage.network.resume();
    await page.reaches('connected');
    assert.equal(await typedFile(terminal, 'while-paused'), 'kept\n');
    assert.deepEqual(tokens, [], 'no second connection was needed');
    page.assertClean();
  });
});
