import assert from 'node:assert/strict';
import { mock } from 'node:test';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { Turns } from '../../server/tunnel/turns.ts';

const TURN = 128 * 1024;

describe('the turns of sessions', () => {
  beforeEach(() => mock.timers.enable({ apis: ['setTimeout', 'setImmediate'] }));
  afterEach(() => mock.timers.reset());

  /** How many turns a session has that always has something to read, until it rests. */
  function turnsBeforeRest(turns: Turns): number {
    const turn = turns.join();
    let count = 0;
    const goOn = (): void => {
      count += 1;
      if (count < 100) assert.equal(turn.took(TURN, goOn), false);
    };
    goOn();
    for (let waits = 0; waits < 100; waits += 1) mock.timers.tick(0);
    turn.leave();
    return count;
  }

  it('are as long as there is little to read', () => {
    const turn = new Turns().join();
    let more = 0;
    for (let taken = 0; taken + 1000 < TURN; taken += 1000) {
      assert.equal(
        turn.took(1000, () => (more += 1)),
        true,
      );
    }
    assert.equal(
      turn.took(1000, () => (more += 1)),
      false,
    );
    mock.timers.tick(0);
    assert.equal(more, 1);
  });

  it('follow each other without a rest where a session is alone', () => {
    const turns = new Turns();
    assert.equal(turnsBeforeRest(turns), 100);
    const other = turns.join();
    other.leave();
    assert.equal(turnsBeforeRest(turns), 100);
  });

  it('are followed by a rest after each 256 KiB where others are', () => {
    const turns = new Turns();
    turns.join();
    assert.equal(turnsBeforeRest(turns), 2);
  });

  it('go on after the rest, and not when the session is over', () => {
    const turns = new Turns();
    turns.join();
    for (const [isOver, expected] of [
      [false, 1],
      [true, 0],
    ] as const) {
      const turn = turns.join();
      let more = 0;
      assert.equal(
        turn.took(2 * TURN, () => (more += 1)),
        false,
      );
      if (isOver) turn.leave();
      mock.timers.tick(1);
      assert.equal(more, expected);
    }
  });
});
