import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { TARGETS, corpusOf, fuzz } from './fuzz.ts';

/** The same inputs each time: `npm run fuzz` is for others. */
const SEED = 1;
/** So many that each takes a second at most on a machine that has nothing else to do. */
const RUNS: Readonly<Record<string, number>> = {
  scanner: 1500,
  frames: 3000,
  flow: 400,
  handshake: 3000,
  'client-messages': 5000,
  'connection-token': 5000,
  'upgrade-request': 1000,
};

describe('whatever comes in', function () {
  this.timeout(60_000);

  for (const target of TARGETS) {
    after(() => target.stop?.());

    it(`keeps every promise of ${target.name}`, async () => {
      for (const [file, input] of corpusOf(target)) {
        await assert.doesNotReject(async () => target.run(input), `corpus/${target.name}/${file}`);
      }
      const runs = RUNS[target.name] ?? assert.fail('no number of runs');
      const { tried, finding } = await fuzz(target, { seed: SEED, runs, time: 60_000 });
      if (finding) throw new Error(`${finding.file} breaks it`, { cause: finding.error });
      assert.equal(tried, runs);
    });
  }
});
