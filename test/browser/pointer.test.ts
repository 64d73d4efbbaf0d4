import assert from 'node:assert/strict';
import { before, describe, it } from 'mocha';
import { cleanUp } from '../support/dispose.ts';
import { until } from '../support/until.ts';
import { type VncPeer, startVnc } from '../support/vnc.ts';
import type { InputEvent } from '../support/xev.ts';
import type { ConsolePage, Point } from './support/console-page.ts';
import { InputRecord } from './support/input-record.ts';
import { DESK, PHONE, Stage, WIDE, machine } from './support/stage.ts';

const SCREEN = { width: 1024, height: 768 };
const TARGETS: Point[] = [
  { x: 3, y: 3 },
  { x: 512, y: 384 },
  { x: 700, y: 101 },
  { x: 1020, y: 764 },
];
const LEFT = 1;
const RIGHT = 3;
const WHEEL_UP = 4;
const WHEEL_DOWN = 5;

describe("the page's pointer", function () {
  this.slow(4000);
  const suite = cleanUp();
  let record: InputRecord;
  let stage: Stage;
  let desktop: ConsolePage;
  let phone: ConsolePage;

  before(async function () {
    this.timeout(40_000);
    const peer: VncPeer = await suite.start(startVnc({ ...SCREEN, content: 'input' }));
    record = new InputRecord(peer);
    stage = await Stage.start(suite, { machines: [machine('record', peer)] });
    desktop = await stage.show(suite, { machine: 'lab:record' }, DESK);
    phone = await stage.show(suite, { machine: 'lab:record' }, PHONE);
  });

  beforeEach(() => record.begin());

  /** Asserts that the event took place at this point, give or take a pixel. */
  function assertAt(event: InputEvent | undefined, { x, y }: Point): void {
    assert.ok(event);
    const off = Math.hypot(event.x + 0.5 - x, event.y + 0.5 - y);
    assert.ok(off <= Math.SQRT2, `${event.x},${event.y} instead of ${x},${y}`);
  }

  const sizes = [
    { name: 'made a little smaller', window: DESK },
    { name: 'enlarged', window: WIDE },
    { name: 'between bars at its sides', window: { width: 1400, height: 400 } },
    { name: 'in an odd window', window: { width: 777, height: 601 } },
    { name: 'very small', window: { width: 420, height: 900 } },
  ];
  for (const { name, window } of sizes) {
    it(`hits what it points at with a picture ${name}`, async () => {
      const before = await desktop.box();
      await desktop.page.setViewport({ width: window.width ?? 0, height: window.height ?? 0 });
      if (window !== DESK) {
        const moved = async () => (await desktop.box()).width !== before.width;
        await until(moved, { timeout: 3000, what: 'another size' });
      }
      for (const target of TARGETS) {
        await record.begin();
        const { at, hit } = await desktop.aim(target, SCREEN);
        await desktop.page.mouse.click(at.x, at.y);
        const [press, release] = await record.button(2);
        assert.deepEqual([press?.type, press?.button], ['ButtonPress', LEFT]);
        assert.deepEqual([release?.type, release?.button], ['ButtonRelease', LEFT]);
        assertAt(press, hit);
        assertAt(release, hit);
      }
      desktop.assertClean();
    });
  }

  it('sends the right button, and no menu of the browser comes', async () => {
    // The page's own listeners come after this one, and let nothing through to a later one: the event
    // itself says afterwards what has become of it.
    const asked = await desktop.page.evaluateHandle(() => {
      const events: Event[] = [];
      window.addEventListener('contextmenu', (event) => events.push(event), { capture: true });
      return events;
    });
    const { at } = await desktop.aim({ x: 300, y: 300 }, SCREEN);
    await desktop.page.mouse.click(at.x, at.y, { button: 'right' });
    const [press, release] = await record.button(2);
    assert.deepEqual([press?.button, release?.button], [RIGHT, RIGHT]);
    const prevented = (events: Event[]) => events.map((event) => event.defaultPrevented);
    const answers = () => desktop.page.evaluate(prevented, asked);
    await until(async () => (await answers()).length > 0, { timeout: 3000, what: 'the menu' });
    assert.deepEqual(await answers(), [true]);
    desktop.assertClean();
  });

  it('sends the middle button', async () => {
    const { at } = await desktop.aim({ x: 300, y: 300 }, SCREEN);
    await desktop.page.mouse.click(at.x, at.y, { button: 'middle' });
    const [press] = await record.button(2);
    assert.equal(press?.button, 2);
  });

  it('turns the wheel both ways', async () => {
    // guacamole-common-js makes a click of the wheel of each 53 pixels, and a press and a release of that.
    const changes = 4;
    const { at } = await desktop.aim({ x: 400, y: 200 }, SCREEN);
    await desktop.page.mouse.move(at.x, at.y);
    await desktop.page.mouse.wheel({ deltaY: 120 });
    const down = await record.button(changes);
    assert.ok(down.every(({ button }) => button === WHEEL_DOWN));
    await record.begin();
    await desktop.page.mouse.wheel({ deltaY: -120 });
    const up = await record.button(changes);
    assert.ok(up.every(({ button }) => button === WHEEL_UP));
    desktop.assertClean();
  });

  it('drags from one place to another', async () => {
    const from = await desktop.aim({ x: 200, y: 200 }, SCREEN);
    const to = await desktop.aim({ x: 600, y: 500 }, SCREEN);
    await desktop.page.mouse.move(from.at.x, from.at.y);
    await desktop.page.mouse.down();
    await desktop.page.mouse.move(to.at.x, to.at.y, { steps: 8 });
    await desktop.page.mouse.up();
    const [press, release] = await record.button(2);
    assertAt(press, from.hit);
    assertAt(release, to.hit);
    const moves = (await record.events()).filter(
      ({ type, state }) => type === 'MotionNotify' && (state & 0x100) !== 0,
    );
    assert.ok(moves.length >= 2, 'it is seen on its way, with the button down');
    desktop.assertClean();
  });

  it('lets go of a button outside of the window', async () => {
    const { at } = await desktop.aim({ x: 200, y: 200 }, SCREEN);
    await desktop.page.mouse.move(at.x, at.y);
    await desktop.page.mouse.down();
    await record.button(1);
    await desktop.page.mouse.move(5000, 5000);
    await desktop.page.mouse.up();
    const [, release] = await record.button(2);
    assert.equal(release?.type, 'ButtonRelease');
    desktop.assertClean();
  });

  it('hits what a finger taps on a phone', async () => {
    for (const target of TARGETS) {
      await record.begin();
      const { at, hit } = await phone.aim(target, SCREEN);
      await phone.page.touchscreen.tap(at.x, at.y);
      const [press, release] = await record.button(2);
      assert.deepEqual([press?.button, release?.type], [LEFT, 'ButtonRelease']);
      assertAt(press, hit);
    }
    phone.assertClean();
  });

  it('has the right button under a finger that stays', async () => {
    const { at, hit } = await phone.aim({ x: 512, y: 384 }, SCREEN);
    const finger = await phone.page.touchscreen.touchStart(at.x, at.y);
    const [press] = await record.button(1);
    await finger.end();
    const [, release] = await record.button(2);
    assert.deepEqual([press?.button, release?.button], [RIGHT, RIGHT]);
    assertAt(press, hit);
    phone.assertClean();
  });

  it('is pushed along as on a touchpad when that is chosen', async () => {
    await phone.openMenu();
    await (await phone.page.waitForSelector('[name=touch-mode][value=touchpad]'))?.tap();
    await phone.dismissMenu();
    const start = { x: 100, y: 300 };
    const tap = () => phone.page.touchscreen.tap(start.x, start.y);
    await tap();
    const [before] = await record.button(2);
    assert.ok(before);
    // To where there is room.
    const way = before.x < SCREEN.width / 2 ? 1 : -1;
    await record.begin();
    const finger = await phone.page.touchscreen.touchStart(start.x, start.y);
    for (let step = 1; step <= 5; step += 1) await finger.move(start.x + step * 8 * way, start.y);
    await finger.end();
    const moved = async () => (await record.events()).some(({ type }) => type === 'MotionNotify');
    await until(moved, { timeout: 3000, what: 'a moving pointer' });
    await tap();
    const [clicked] = await record.button(2);
    assert.ok(((clicked?.x ?? 0) - before.x) * way > 40, `${before.x} → ${clicked?.x}`);
    phone.assertClean();
  });
});
