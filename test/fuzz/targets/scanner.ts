import assert from 'node:assert/strict';
import { isUtf8 } from 'node:buffer';
import { naiveInstructionEnds } from '../../tunnel/support/naive-parser.ts';
import { Random } from '../random.ts';
import type { Target } from '../target.ts';
import { relayed } from './relayed.ts';

/** No length that the scanner reads is above it: the naive parser knows no limit. */
const NO_LIMIT = 20_000_000_000;
const SMALL_LIMIT = 60;
/** A read so long is passed in halves, one so short is not. */
const LONG = 5000;
const SHORT = 1000;

/**
 * The scanner and the frame assembler: what the naive parser says of the same text, and the same in
 * whatever pieces it comes.
 */
export const scanner: Target = {
  name: 'scanner',
  run(input) {
    const random = Random.of(input);
    const cuts = [random.cut(input)];
    if (input.length < 400) cuts.push([...input.keys()].map((at) => input.subarray(at, at + 1)));
    for (const limit of [NO_LIMIT, SMALL_LIMIT]) {
      for (const watched of ['all', ['sync', 'error']] as const) {
        const whole = relayed([input], { limit, watched });
        for (const chunks of cuts) assert.deepEqual(relayed(chunks, { limit, watched }), whole);
        assert.ok(isUtf8(Buffer.from(whole.passed, 'latin1')), 'no text goes to the page');
      }
    }
    compareLong(input);
    if (!isUtf8(input)) return;
    const text = input.toString();
    const ends = naiveInstructionEnds(text);
    const { passed, failed } = relayed([input], { limit: NO_LIMIT, watched: [] });
    assert.equal(failed, ends === null);
    if (ends === null) return;
    const whole = [...text].slice(0, ends.at(-1) ?? 0).join('');
    assert.equal(Buffer.from(passed, 'latin1').toString(), whole);
  },
};

/** The same again and again, in one read and in many. */
function compareLong(input: Buffer): void {
  if (input.length === 0) return;
  const long = Buffer.concat(Array<Buffer>(Math.ceil(LONG / input.length)).fill(input));
  const pieces = Array.from({ length: Math.ceil(long.length / SHORT) }, (_, at) =>
    long.subarray(at * SHORT, (at + 1) * SHORT),
  );
  for (const limit of [NO_LIMIT, SMALL_LIMIT]) {
    for (const watched of ['all', ['sync', 'error'], []] as const) {
      const options = { limit, watched };
      assert.deepEqual(relayed([long], options), relayed(pieces, options));
    }
  }
}
