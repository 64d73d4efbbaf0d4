import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { InputRate } from '../../server/tunnel/input-rate.ts';

describe('the rate of input', () => {
  it('lets a burst through, and after it so much a second', () => {
    const rate = new InputRate(10, 100, 0);
    assert.equal(rate.take(100, 0), true);
    assert.equal(rate.take(5, 500), true);
    assert.equal(rate.take(1, 500), false);
  });

  it('is full again after a pause, and never fuller', () => {
    const rate = new InputRate(10, 100, 0);
    rate.take(100, 0);
    assert.equal(rate.take(100, 3_600_000), true);
    assert.equal(rate.take(1, 3_600_000), false);
  });
});
