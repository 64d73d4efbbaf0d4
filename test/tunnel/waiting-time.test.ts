import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { WaitingTime } from '../../server/tunnel/waiting-time.ts';

describe('waiting time', () => {
  it('is the sum of all waits, those that still last included', () => {
    const waiting = new WaitingTime();
    assert.equal(waiting.total(1000), 0);
    waiting.begin(1000);
    waiting.begin(1500);
    assert.equal(waiting.total(2000), 1000 + 500);
    waiting.end(2000);
    assert.equal(waiting.total(2100), 1500 + 100);
    waiting.end(2200);
    assert.equal(waiting.total(9000), 1500 + 200);
  });
});
