import assert from 'node:assert/strict';
import { before, describe, it } from 'mocha';
import { JavaBoard } from '../simulators/java-board/java-board.ts';
import { cleanUp } from '../support/dispose.ts';
import { until } from '../support/until.ts';
import { javaOf } from './support/java.ts';
import { TestScreens } from './support/screens.ts';
import { Viewer } from './support/viewer.ts';

for (const isolation of ['bubblewrap', 'processes'] as const) {
  describe(`a Java console (${isolation})`, function () {
    this.timeout(120_000);
    const suite = cleanUp();
    const each = cleanUp('each');
    let screens: TestScreens;

    before(async () => {
      screens = await suite.start(TestScreens.start({ isolation }));
    });

    it('takes what is typed', async () => {
      const board = await each.start(JavaBoard.start());
      const { endpoint, faults } = await screens.open(board.site, {
        vendor: 'java',
        java: javaOf(),
      });
      const viewer = each.add(await Viewer.connect(endpoint));
      await until(() => board.consoles === 1 || faults.length > 0, {
        timeout: 60_000,
        what: 'the console',
      });
      assert.deepEqual(faults, []);
      await until(() => viewer.type('a') && board.site.typed.includes('a'), {
        ...{ timeout: 20_000, every: 200, what: 'a key' },
      });
      viewer.typeText('reset!');
      await until(() => board.site.typed.endsWith('reset!'), { timeout: 10_000, what: 'the keys' });
      await endpoint.release();
      assert.deepEqual([board.site.sessions.size, board.consoles], [0, 0]);
    });
  });
}
