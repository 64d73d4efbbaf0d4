import assert from 'node:assert/strict';
import { before, describe, it } from 'mocha';
import { cleanUp } from '../support/dispose.ts';
import { startVnc } from '../support/vnc.ts';
import type { ConsolePage } from './support/console-page.ts';
import { PHONE, Stage, machine } from './support/stage.ts';

const WARNING = '[data-testid=idle-warning]';

describe('a console that nobody uses', function () {
  this.slow(10_000);
  const suite = cleanUp();
  const each = cleanUp('each');
  let stage: Stage;

  before(async function () {
    this.timeout(40_000);
    const desk = await suite.start(startVnc({ content: 'terminal' }));
    stage = await Stage.start(suite, {
      machines: [machine('shell', desk)],
      config: { consoles: { idle: 4 } },
    });
  });

  const warned = ({ page }: ConsolePage) => page.waitForSelector(WARNING, { timeout: 8000 });
  const calm = ({ page }: ConsolePage) =>
    page.waitForSelector(WARNING, { hidden: true, timeout: 1000 });

  it('is closed after a warning, and the page says why', async () => {
    const page = await stage.show(each, { machine: 'lab:shell' });
    await warned(page);
    await page.says(/It closes in 0:0[12]\./);
    await page.ends('idle');
    await page.faulted('console_idle');
    await page.says(/nobody was using it/);
    assert.equal(await page.page.$(WARNING), null);
    page.assertOnlyRefusals(404, 410);
  });

  const acts: [string, (page: ConsolePage) => Promise<unknown>, object?][] = [
    ['a key', ({ page }) => page.keyboard.press('a')],
    ['the mouse', ({ page }) => page.mouse.move(500, 400)],
    ['a finger', ({ page }) => page.touchscreen.tap(180, 370), PHONE],
  ];
  for (const [name, act, window] of acts) {
    it(`stays when it is warned of and ${name} moves`, async () => {
      const page = await stage.show(each, { machine: 'lab:shell' }, window);
      await warned(page);
      const before = (await stage.gateway.view(page.id)).idleAt ?? '';
      await act(page);
      await calm(page);
      await stage.reaches(page.id, ({ idleAt }) => (idleAt ?? '') > before);
      await warned(page);
      assert.equal(await page.state(), 'connected');
      page.assertClean();
    });
  }

  it('stays as well when one only looks, or has the menu open', async () => {
    const page = await stage.show(each, { machine: 'lab:shell', readOnly: true });
    await warned(page);
    await page.page.mouse.move(300, 300);
    await calm(page);
    await page.openMenu();
    await warned(page);
    await page.page.mouse.move(310, 320);
    await calm(page);
    await warned(page);
    assert.equal(await page.state(), 'connected');
    page.assertClean();
  });

  it('is warned of above the middle of the picture, on a phone too', async () => {
    for (const window of [undefined, PHONE]) {
      const page = await stage.show(each, { machine: 'lab:shell' }, window);
      const box = await (await warned(page))?.boundingBox();
      const { width, height } = page.page.viewport() ?? { width: 0, height: 0 };
      assert.ok(box && box.x >= 0 && box.x + box.width <= width, 'in the window');
      assert.ok(box.y + box.height < height / 3, 'at its top');
    }
  });
});
