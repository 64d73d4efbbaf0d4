import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { soak } from './support/soak.ts';

describe('screens that come and go, some of them killed', function () {
  this.timeout(180_000);

  it('leave no process, folder, session or console of the BMC', async () => {
    const { left } = await soak({ rounds: 8 });
    assert.deepEqual(left, { processes: 0, folders: 0, sessions: 0, consoles: 0 });
  });
});
