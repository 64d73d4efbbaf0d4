import assert from 'node:assert/strict';
import { before, describe, it } from 'mocha';
import { BmcSite } from '../simulators/bmc-pages/bmc-site.ts';
import { BOARD_FORM, plainBoard } from '../simulators/bmc-pages/plain-board.ts';
import { cleanUp } from '../support/dispose.ts';
import { until } from '../support/until.ts';
import { killProgram } from './support/processes.ts';
import { TestScreens } from './support/screens.ts';
import { Viewer } from './support/viewer.ts';

for (const isolation of ['bubblewrap', 'processes'] as const) {
  describe(`a BMC’s console on a screen of its own (${isolation})`, function () {
    this.timeout(60_000);
    const suite = cleanUp();
    const each = cleanUp('each');
    let screens: TestScreens;
    let site: BmcSite;

    before(async () => {
      screens = await suite.start(TestScreens.start({ isolation }));
      site = await suite.start(BmcSite.start(plainBoard));
    });

    it('takes what is typed, and gives everything back', async () => {
      const { endpoint, faults } = await screens.open(site, { form: BOARD_FORM });
      const viewer = each.add(await Viewer.connect(endpoint));
      await until(() => site.consoles === 1, { timeout: 20_000, what: 'the console' });
      await until(() => viewer.type('a') && site.typed.includes('a'), {
        timeout: 10_000,
        every: 200,
        what: 'a key',
      });
      viewer.typeText('Hello, BMC!');
      await until(() => site.typed.includes('Hello, BMC!'), { timeout: 10_000, what: 'the keys' });
      assert.deepEqual(faults, []);
      assert.equal(site.sessions.size, 1);
      await endpoint.release();
      assert.deepEqual([site.sessions.size, site.consoles], [0, 0]);
    });

    it('is signed out of where its browser has died', async () => {
      const { endpoint, faults } = await screens.open(site, { form: BOARD_FORM });
      await until(() => site.consoles === 1, { timeout: 20_000, what: 'the console' });
      assert.equal(site.sessions.size, 1);
      await killProgram('chromium');
      await until(() => faults.length > 0, { timeout: 20_000, what: 'a fault' });
      await endpoint.release();
      assert.equal(site.sessions.size, 0);
    });
  });
}
