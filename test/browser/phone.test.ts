import assert from 'node:assert/strict';
import { before, describe, it } from 'mocha';
import { cleanUp } from '../support/dispose.ts';
import { until } from '../support/until.ts';
import { startVnc } from '../support/vnc.ts';
import type { ConsolePage } from './support/console-page.ts';
import { InputRecord } from './support/input-record.ts';
import { DESK, PHONE, Stage, machine } from './support/stage.ts';

/** CSS pixels that a finger needs (WCAG 2.2, success criterion 2.5.5). */
const FINGER = 44;
const SCREEN = { width: 1024, height: 768 };

describe('the console page', function () {
  this.slow(4000);
  const suite = cleanUp();
  const each = cleanUp('each');
  let record: InputRecord;
  let stage: Stage;

  before(async function () {
    this.timeout(40_000);
    const recorder = await suite.start(startVnc({ ...SCREEN, content: 'input' }));
    record = new InputRecord(recorder);
    stage = await Stage.start(suite, { machines: [machine('record', recorder)] });
  });

  describe('on a phone', () => {
    let page: ConsolePage;

    before(async () => {
      page = await stage.show(suite, { machine: 'lab:record' }, PHONE);
    });
    afterEach(() => page.putAway());

    /** Asserts that nothing leads out of the window to the side, and nothing lies beyond it. */
    async function assertFits(): Promise<void> {
      const outside = await page.page.evaluate(() => {
        const width = window.innerWidth;
        const scrolls = [document.documentElement, ...document.querySelectorAll('dialog[open]')]
          .filter((box) => box.scrollWidth > box.clientWidth)
          .map((box) => `${box.nodeName} scrolls to the side`);
        const controls = [...document.querySelectorAll('button, select, textarea, input')]
          .filter((control) => control.checkVisibility())
          .filter((control) => {
            const { left, right } = control.getBoundingClientRect();
            return left < 0 || right > width;
          })
          .map((control) => `${control.outerHTML.slice(0, 80)} lies outside`);
        return [...scrolls, ...controls];
      });
      assert.deepEqual(outside, []);
    }

    /** Asserts that each control can be hit with a finger; a label is a part of its control. */
    async function assertLarge(within: string): Promise<void> {
      const small = await page.page.$$eval(
        `${within} :is(button, select, textarea, input, a)`,
        (controls, finger) =>
          controls
            .filter((control) => control.checkVisibility())
            .map((control) => control.closest('label:has([type=radio])') ?? control)
            .map((target) => ({ target, box: target.getBoundingClientRect() }))
            // The keys of a keyboard share the width of the window.
            .filter(
              ({ target, box }) =>
                box.height < finger || (box.width < finger && !target.matches('.osk-key')),
            )
            .map(
              ({ target, box }) => `${target.outerHTML.slice(0, 90)} ${box.width}×${box.height}`,
            ),
        FINGER,
      );
      assert.deepEqual(small, []);
    }

    it('has all of its bar within reach of a finger', async () => {
      await assertFits();
      await assertLarge('.bar');
      await page.page.tap('[data-testid=bar-collapse]');
      await page.page.waitForSelector('[data-bar=collapsed]');
      await assertFits();
      await assertLarge('.bar');
      await page.page.tap('[data-testid=menu-handle]');
      await page.menuIsOpen();
      await page.dismissMenu();
      await page.page.tap('[data-testid=bar-collapse]');
      await page.page.waitForSelector('[data-bar=shown]');
      page.assertClean();
    });

    it('has all of its menu within reach of a finger', async () => {
      await page.page.tap('[data-testid=menu-handle]');
      await page.menuIsOpen();
      await assertFits();
      await assertLarge('[data-testid=menu]');
      await record.begin();
      await (await page.page.waitForSelector('[data-combination=ctrl-alt-del]'))?.tap();
      await record.keysUntil('-Control_L');
      await page.page.$eval('[data-testid=menu]', (menu) => menu.scrollTo(0, menu.scrollHeight));
      await page.page.tap('[data-testid=menu-dismiss]');
      await page.menuIsClosed();
      page.assertClean();
    });

    for (const method of ['text', 'osk'] as const) {
      it(`has its input method within reach of a finger: ${method}`, async () => {
        await page.chooseInput(method);
        await page.page.waitForSelector('.dock');
        await assertFits();
        await assertLarge('.dock');
        const { height } = await page.box();
        assert.ok(height > 100, 'and the picture can still be seen');
        page.assertClean();
      });
    }

    it('asks before it closes, within reach of a finger', async () => {
      await page.page.tap('[data-testid=close-session]');
      await page.page.waitForSelector('dialog[open] [data-testid=close-confirm]');
      await assertFits();
      await assertLarge('dialog[open]');
      page.assertClean();
    });
  });

  for (const [where, window] of [
    ['on a desktop', DESK],
    ['on a phone', PHONE],
  ] as const) {
    it(`that may only be looked at says so and sends nothing, ${where}`, async () => {
      const page = await stage.show(each, { machine: 'lab:record', readOnly: true }, window);
      await page.says(/View only/);
      await record.begin();
      const { at } = await page.aim({ x: 300, y: 300 }, SCREEN);
      await page.page.mouse.click(at.x, at.y);
      if (window === PHONE) await page.page.touchscreen.tap(at.x, at.y);
      await page.page.keyboard.type('nothing of this');
      const disabled = (button: Element) => (button as HTMLButtonElement).disabled;
      const keys = await page.page.$('[data-testid=ctrl-alt-del]');
      assert.ok(keys === null || (await keys.evaluate(disabled)), 'no Ctrl-Alt-Del');
      await page.openMenu();
      assert.equal(await page.page.$('[data-combination]'), null, 'no keys to send');
      await page.dismissMenu();

      // What another console on the same machine sends later has arrived.
      const writer = await stage.show(each, { machine: 'lab:record' });
      await writer.page.keyboard.press('z');
      assert.deepEqual(await record.keysUntil('-z'), ['+z', '-z']);
      assert.deepEqual(await record.buttons(), []);
      page.assertClean();
    });
  }

  it('keeps the keyboard for the machine when its bar is put away and brought back', async () => {
    const page = await stage.show(each, { machine: 'lab:record' });
    await record.begin();
    for (const bar of ['collapsed', 'shown']) {
      await page.click('bar-collapse');
      await page.page.waitForSelector(`[data-bar=${bar}]`);
      await page.page.keyboard.press('Enter');
    }
    const keys = await record.keysUntil('-Return');
    assert.deepEqual(keys, ['+Return', '-Return', '+Return', '-Return']);
    page.assertClean();
  });

  it('warns of the end on a phone as well', async () => {
    const page = await stage.show(each, { machine: 'lab:record', ttl: 50 }, PHONE);
    const shown = () => page.page.$('[data-testid=time-left][data-warning="1"]');
    await until(shown, { timeout: 3000, what: 'a warning' });
  });

  for (const [mode, wish] of [
    ['with more time to be had', {}],
    ['that may only be looked at', { readOnly: true }],
  ] as const) {
    it(`can be closed in one step in the last minutes, ${mode}`, async () => {
      const page = await stage.show(each, { machine: 'lab:record', ttl: 50, ...wish }, PHONE);
      await page.page.waitForSelector('[data-testid=extend]', { visible: true });
      const close = await page.page.waitForSelector('[data-testid=close-session]', {
        visible: true,
      });
      const { x = 0, width = 0 } = (await close?.boundingBox()) ?? {};
      assert.ok(x > 0 && x + width <= (PHONE.width ?? 0), `${x} + ${width} is in the window`);
      await close?.tap();
      await page.page.waitForSelector('dialog[open] [data-testid=close-confirm]');
      page.assertClean();
    });
  }
});
