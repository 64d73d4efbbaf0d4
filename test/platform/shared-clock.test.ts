import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { SharedClock } from '../../server/platform/shared-clock.ts';

/** A machine whose clock is `ahead` ms wrong, and a way to Redis of so many ms there and back. */
class World {
  time = 1_700_000_000_000;
  ahead = 0;
  booted = this.time - 5000;
  ways: [number, number][] = [[1, 1]];
  away = false;
  readonly wrong: number[] = [];
  #reads = 0;
  readonly clock = new SharedClock({
    readTime: async () => {
      if (this.away) throw new Error('redis is away');
      const [there, back] = this.ways[this.#reads++ % this.ways.length] ?? [0, 0];
      this.time += there;
      const read = this.time;
      this.time += back;
      return read;
    },
    onWrong: (ahead) => this.wrong.push(ahead),
    local: () => this.time + this.ahead,
    monotonic: () => this.time - this.booted,
  });

  /** How far the clock is from the truth, ms. */
  get error(): number {
    return Math.abs(this.clock.now() - this.time);
  }
}

describe('the clock that replicas share', () => {
  it("is this machine's own until Redis has been asked", () => {
    const world = new World();
    world.ahead = 2000;
    assert.equal(world.clock.now(), world.time + 2000);
  });

  it('is right whatever the own clock says, and in whole milliseconds', async () => {
    for (const ahead of [-90_000, -2000, 0, 2000, 3_600_000]) {
      const world = new World();
      world.ahead = ahead;
      world.ways = [[0.3, 0.4]];
      await world.clock.measure();
      assert.ok(world.error <= 1, `${world.error} ms off`);
      assert.ok(Number.isInteger(world.clock.now()));
    }
  });

  it('believes the shortest way, since a long one may be long on one side', async () => {
    const world = new World();
    world.ways = [
      [400, 0],
      [2, 1],
      [0, 300],
      [90, 0],
    ];
    await world.clock.measure();
    assert.ok(world.error <= 2, `${world.error} ms off`);
  });

  it('does not jump when the own clock is set, nor while Redis is away', async () => {
    const world = new World();
    await world.clock.measure();
    world.ahead = -60_000;
    world.away = true;
    world.time += 3_600_000;
    await world.clock.measure();
    assert.ok(world.error <= 1);
  });

  it('keeps a good reading against worse ones that agree, and follows a clock that was set', async () => {
    const world = new World();
    await world.clock.measure();
    world.ways = [[80, 0]];
    await world.clock.measure();
    assert.ok(world.error <= 1, `${world.error} ms off`);
    world.booted += 30_000; // as a machine that slept
    await world.clock.measure();
    assert.ok(world.error <= 80, `${world.error} ms off`);
  });

  it('says once that the own clock is wrong', async () => {
    const world = new World();
    world.ahead = 900;
    await world.clock.measure();
    assert.deepEqual(world.wrong, []);
    world.ahead = 2500;
    await world.clock.measure();
    await world.clock.measure();
    assert.equal(world.wrong.length, 1);
    assert.ok(Math.abs((world.wrong[0] ?? 0) - 2500) <= 2);
  });
});
