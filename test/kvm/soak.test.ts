import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { soak } from './support/soak.ts';

describe('screens that come and go, some of them killed', function () {
  this.timeout(180_000);

  for (const { rounds, warm } of [
    { rounds: 8, warm: 0 },
    { rounds: 6, warm: 1 },
  ]) {
    it(`leave nothing, where ${warm} are kept ready`, async () => {
      const { left } = await soak({ rounds, warm });
      const nothing = { processes: 0, files: 0, displays: 0, ports: 0, sessions: 0, consoles: 0 };
      assert.deepEqual(left, nothing);
    });
  }
});
