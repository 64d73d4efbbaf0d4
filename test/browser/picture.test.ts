import assert from 'node:assert/strict';
import { before, describe, it } from 'mocha';
import { cleanUp } from '../support/dispose.ts';
import { type Image, compare, scale } from '../support/image.ts';
import { until } from '../support/until.ts';
import { type VncPeer, startVnc } from '../support/vnc.ts';
import { ConsolePage } from './support/console-page.ts';
import { DESK, PHONE, Stage, WIDE, type Window, machine } from './support/stage.ts';

/**
 * Fractions of all pixels. The clock's hand moves between the two looks at a picture; the edges of
 * letters differ where a browser smooths what it scales.
 */
const SAME_PIXELS = 0.002;
const SAME_SCALED = 0.015;

/** Source for a page that keeps what it decodes: a frame that was closed has no width any more. */
const KEEP_FRAMES = `{
  window.decoded = [];
  const { decode } = ImageDecoder.prototype;
  ImageDecoder.prototype.decode = async function (...args) {
    const result = await decode.apply(this, args);
    window.decoded.push(result.image);
    return result;
  };
}`;

describe("the page's picture", function () {
  this.slow(4000);
  const suite = cleanUp();
  const each = cleanUp('each');
  let desk: VncPeer;
  let other: VncPeer;
  let stage: Stage;

  before(async function () {
    this.timeout(40_000);
    const size = { width: 1024, height: 768 };
    [desk, other] = await Promise.all([
      suite.start(startVnc({ ...size, content: 'desktop' })),
      suite.start(startVnc({ ...size, content: 'input' })),
    ]);
    stage = await Stage.start(suite, { machines: [machine('desk', desk)] });
  });

  /** Both pictures of one moment, as close as two looks can be; `missing` tells which is not there yet. */
  async function looks(page: ConsolePage, peer: VncPeer, missing: Set<string>) {
    const had = <T>(whose: string, look: Promise<T>): Promise<T> =>
      look.finally(() => missing.delete(whose));
    missing.add("the server's").add("the page's");
    const [sent, shown] = await Promise.all([
      had("the server's", peer.grab()),
      had("the page's", page.picture()),
    ]);
    return { shown, difference: difference(sent, shown) };
  }

  function difference(sent: Image, shown: Image): number {
    return compare(scale(sent, shown.width, shown.height), shown);
  }

  /** Resolves when the page shows what the VNC server has; gives back what is seen. */
  function shows(page: ConsolePage, peer: VncPeer, bound: number): Promise<Image> {
    let last: number | null = null;
    const missing = new Set<string>();
    const alike = async () => {
      const { shown, difference: found } = await looks(page, peer, missing);
      last = found;
      return found < bound && shown;
    };
    return until(alike, { timeout: 8000, every: 100, what: 'the same picture' }).catch(
      async (cause) => {
        const seen = last === null ? 'none was seen' : `they differ by ${last}`;
        const late = [...missing].join(' and ') || 'neither';
        const words = await page.words();
        throw new Error(`the pictures: ${seen}, ${late} is late, and the page says: ${words}`, {
          cause,
        });
      },
    );
  }

  const windows: [string, Window][] = [
    ['in a usual window', DESK],
    ['in a large one, enlarged', WIDE],
    ['on a phone, made small', PHONE],
  ];
  for (const [name, window] of windows) {
    it(`is the VNC server's, ${name} (${window.width}x${window.height})`, async () => {
      const page = await stage.show(each, { machine: 'lab:desk' }, window);
      const shown = await shows(page, desk, SAME_SCALED);
      assert.ok(difference(await other.grab(), shown) > 10 * SAME_SCALED, 'told from another');
      page.assertClean();
    });
  }

  it('is whole and as large as the window allows', async () => {
    for (const window of [DESK, WIDE, PHONE]) {
      const page = await stage.show(each, { machine: 'lab:desk' }, window);
      const bar = await page.bar();
      const room = { width: window.width ?? 0, height: (window.height ?? 0) - bar.height };
      const { x, y, width, height } = await page.box();
      assert.ok(Math.abs(width / height - 1024 / 768) < 0.01, `${width}x${height}`);
      assert.ok(x >= 0 && y >= bar.height, 'nothing is hidden');
      assert.ok(x + width <= room.width + 1 && y + height <= bar.height + room.height + 1);
      assert.ok(room.width - width < 1 || room.height - height < 1, 'it uses what there is');
      await page.tab.stop();
    }
  });

  it("is the VNC server's pixel by pixel where it fits exactly, and follows it", async () => {
    const page = await stage.show(each, { machine: 'lab:desk' });
    const { height } = await page.bar();
    await page.page.setViewport({ width: 1024, height: 768 + height });
    await until(async () => (await page.box()).width === 1024, { timeout: 3000, what: '1:1' });
    const shown = await shows(page, desk, SAME_PIXELS);
    assert.deepEqual([shown.width, shown.height], [1024, 768]);

    const before = await desk.grab();
    const shell = 'sleep 60';
    await desk.startX('Another', 'xterm', ...['-T', 'Another', '-bg', '#c04000'], '-e', shell);
    const now = await shows(page, desk, SAME_PIXELS);
    assert.ok(difference(before, now) > 10 * SAME_PIXELS, 'the bound tells a window more');
    page.assertClean();
  });

  it('is in the actual size when that is chosen, and can be scrolled', async () => {
    const page = await stage.show(each, { machine: 'lab:desk' }, { width: 700, height: 500 });
    await page.openMenu();
    await (await page.page.waitForSelector('[name=zoom][value=actual]'))?.click();
    await page.dismissMenu();
    const { width, height } = await page.box();
    assert.deepEqual([width, height], [1024, 768]);
    const scrolled = await page.page.$eval('[data-testid=display]', (surface) => {
      surface.scrollTo(10_000, 10_000);
      return [surface.scrollLeft + surface.clientWidth, surface.scrollTop + surface.clientHeight];
    });
    assert.deepEqual(scrolled, [1024, 768]);
    page.assertClean();
  });

  it('lets go of each decoded image once it is drawn', async () => {
    const opened = await stage.gateway.open({ machine: 'lab:desk' });
    const page = new ConsolePage(await stage.newTab(each), opened);
    await page.page.evaluateOnNewDocument(KEEP_FRAMES);
    await page.goto(opened.url);
    await page.reaches('connected');
    await shows(page, desk, SAME_SCALED);
    const closed = () =>
      page.page.evaluate(() => {
        const { decoded } = window as unknown as { decoded: readonly VideoFrame[] };
        return decoded.length > 0 && decoded.every(({ codedWidth }) => codedWidth === 0);
      });
    await until(closed, { timeout: 5000, what: 'all frames to be closed' });
    page.assertClean();
  });
});
