import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { describe, it } from 'mocha';
import { CodePoints } from '../../server/tunnel/code-points.ts';

const characters = fc.array(fc.constantFrom('a', ';', 'ß', 'я', '€', '世', '😀', '\u{10ffff}'), {
  maxLength: 90,
});

describe('code points', () => {
  it('end where as many characters of the text do, wherever it lies in memory', () => {
    fc.assert(
      fc.property(characters, fc.nat(9), fc.nat(9), (text, before, within) => {
        const start = 'x'.repeat(within);
        const memory = Buffer.from(`${'€'.repeat(before)}${start}${text.join('')}世`);
        const bytes = memory.subarray(3 * before);
        const codePoints = new CodePoints(bytes);
        const end = bytes.length - 3;
        for (let count = 0; count <= text.length; count++) {
          const expected = within + Buffer.byteLength(text.slice(0, count).join(''));
          assert.equal(codePoints.after(within, count, end), expected);
        }
        assert.equal(codePoints.after(within, text.length + 20, end), end);
      }),
    );
  });
});
