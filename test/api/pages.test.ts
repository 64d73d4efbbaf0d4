import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { pageOf } from '../../server/api/pages.ts';

describe('a paged list', () => {
  it('gives every element exactly once, in order, whatever the size of a page', () => {
    const ids = fc.uniqueArray(fc.string({ minLength: 1 }), { maxLength: 60 });
    fc.assert(
      fc.property(ids, fc.integer({ min: 1, max: 20 }), (unordered, limit) => {
        const items = unordered.toSorted((a, b) => (a < b ? -1 : 1));
        const seen: string[] = [];
        let cursor: string | undefined;
        do {
          const page = pageOf(items, (id) => id, { limit, cursor });
          assert.ok(page.items.length <= limit);
          seen.push(...page.items);
          cursor = page.next ?? undefined;
        } while (cursor !== undefined);
        assert.deepEqual(seen, items);
      }),
    );
  });

  it('goes on after an element that was removed meanwhile', () => {
    const { next } = pageOf(['a', 'b', 'c', 'd'], (id) => id, { limit: 2 });
    const page = pageOf(['a', 'c', 'd'], (id) => id, { limit: 2, cursor: next ?? '' });
    assert.deepEqual(page, { items: ['c', 'd'], next: null });
  });
});
