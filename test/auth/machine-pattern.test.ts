import assert from 'node:assert/strict';
import { matchesMachine } from '../../server/auth/machine-pattern.ts';

describe('a pattern of machines', () => {
  for (const [pattern, id, matches] of [
    ['*', 'a:1', true],
    ['a:1', 'a:1', true],
    ['a:1', 'a:12', false],
    ['a:*', 'a:', true],
    ['a:*', 'b:a:1', false],
    ['*:web-*-nl', 'a:web-7-nl', true],
    ['*:web-*-nl', 'a:web-nl', false],
    ['ab*ba', 'aba', false],
    ['a.c', 'abc', false],
  ] as const) {
    it(`${pattern} ${matches ? 'means' : 'does not mean'} ${id}`, () => {
      assert.equal(matchesMachine(pattern, id), matches);
    });
  }
});
