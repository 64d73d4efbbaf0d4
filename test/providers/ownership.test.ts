import assert from 'node:assert/strict';
import { ownerOf, ownership } from '../../server/providers/ownership.ts';

describe('whose a machine is', () => {
  const cases: [string, string[], object | undefined, string | null][] = [
    ['is nobody’s without a rule', ['owner=alice'], undefined, null],
    ['stands in a label’s value', ['env=prod', 'owner=alice'], { label: 'owner' }, 'alice'],
    ['stands in a label’s name', ['rackside', 'customer-alice'], { label: 'customer-*' }, 'alice'],
    ['stands before the end', ['alice.owner'], { label: '*.owner' }, 'alice'],
    [
      'may be called otherwise',
      ['owner=4711'],
      { label: 'owner', names: { 4711: 'alice' } },
      'alice',
    ],
    ['is the same when it is said twice', ['o=a', 'o=a'], { label: 'o' }, 'a'],
    ['is nobody’s when two claim it', ['o=a', 'o=b'], { label: 'o' }, null],
    ['is nobody’s when nothing is said', ['owner=', 'owner', 'owners=a'], { label: 'owner' }, null],
    ['is no name of an object’s own', ['owner=constructor'], { label: 'owner' }, 'constructor'],
    ['may hold what parts labels', ['owner=a=b'], { label: 'owner' }, 'a=b'],
  ];
  for (const [name, labels, rule, owner] of cases) {
    it(name, () => {
      assert.equal(ownerOf(labels, rule && ownership.parse(rule)), owner);
    });
  }
});
