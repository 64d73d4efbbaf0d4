import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { CarriedTunnels } from '../../server/tunnel/workers/carried-tunnels.ts';
import { testGrant } from './support/test-gateway.ts';

describe('tunnels that workers carry', () => {
  it('are found by console and by worker, until they end', () => {
    const carried = new CarriedTunnels<string>();
    const [one, other] = [testGrant({ consoleId: 'one' }), testGrant({ consoleId: 'other' })];
    carried.add('a', { grant: one, worker: 'first' });
    carried.add('b', { grant: one, worker: 'second' });
    carried.add('c', { grant: other, worker: 'second' });
    assert.deepEqual([...carried.workersOf('one')], ['first', 'second']);
    assert.deepEqual([...carried.workersOf('other')], ['second']);
    assert.deepEqual(carried.of('second'), [
      ['b', one],
      ['c', other],
    ]);
    assert.deepEqual([carried.countOf('first'), carried.countOf('second')], [1, 2]);
    carried.delete('b');
    carried.delete('b');
    assert.deepEqual([...carried.workersOf('one')], ['first']);
    assert.deepEqual([carried.size, carried.countOf('second')], [2, 1]);
    carried.delete('a');
    assert.deepEqual([...carried.workersOf('one')], []);
  });
});
