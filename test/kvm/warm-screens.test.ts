import assert from 'node:assert/strict';
import { before, beforeEach, describe, it } from 'mocha';
import { BmcSite } from '../simulators/bmc-pages/bmc-site.ts';
import { BOARD_FORM, plainBoard } from '../simulators/bmc-pages/plain-board.ts';
import { cleanUp } from '../support/dispose.ts';
import { until } from '../support/until.ts';
import { browsers } from './support/processes.ts';
import { TestScreens, timesReady } from './support/screens.ts';

describe('screens that are kept ready', function () {
  this.timeout(60_000);
  const suite = cleanUp();
  const each = cleanUp('each');
  let site: BmcSite;
  let screens: TestScreens;
  let readyBefore = 0;

  before(async () => {
    site = await suite.start(BmcSite.start(plainBoard));
  });
  beforeEach(async () => {
    readyBefore = timesReady();
    screens = await each.start(TestScreens.start({ warm: 1, screens: 2 }));
  });

  const open = async (display?: { width: number; height: number }) =>
    screens.open(site, { form: BOARD_FORM, display });
  /** Waits until these and so many others are there. */
  const others = (count: number, known: readonly number[] = []): Promise<number[]> =>
    until(
      async () => {
        const found = (await browsers()).filter((pid) => !known.includes(pid));
        return found.length === count && found;
      },
      { timeout: 30_000, every: 50, what: `${count} browsers` },
    );
  /** The browser that is ready: one that is still coming up may fall, and another be begun for it. */
  const ready = async (): Promise<readonly number[]> => {
    await until(() => timesReady() > readyBefore, {
      timeout: 30_000,
      what: 'a screen that is ready',
    });
    return browsers();
  };
  const shows = () => until(() => site.consoles === 1, { timeout: 20_000, what: 'the console' });

  it('are given away once, and others take their place', async () => {
    const first = await ready();
    const { endpoint, faults } = await open();
    await shows();
    assert.ok((await browsers()).includes(first[0] ?? 0), 'it is the one that was ready');
    const second = await others(1, first);
    await endpoint.release();
    assert.deepEqual(await browsers(), second, 'what was used has ended');
    await open();
    await shows();
    await others(1, second);
    assert.deepEqual(faults, []);
  });

  it('are waited for where they are about to be there', async () => {
    const [[first = 0], { endpoint }] = await Promise.all([others(1), open()]);
    await shows();
    await endpoint.release();
    assert.ok(!(await browsers()).includes(first), 'the first of all is the one that was used');
  });

  it('are replaced when they die', async () => {
    const first = await others(1);
    process.kill(first[0] ?? 0, 'SIGKILL');
    await others(1, first);
  });

  it('make room where all places are taken, and are no other size', async () => {
    const first = await ready();
    const small = { width: 800, height: 600 };
    const one = await open(small);
    await others(1, first);
    site.mostConsoles = 2;
    each.add(() => void (site.mostConsoles = 1));
    const two = await open(small);
    await until(() => site.consoles === 2, { timeout: 20_000, what: 'both consoles' });
    const used = await browsers();
    assert.ok(!used.includes(first[0] ?? 0));
    await assert.rejects(open(small), { status: 'kvm_unavailable' });
    await one.endpoint.release();
    await two.endpoint.release();
    await others(1, used);
  });
});
