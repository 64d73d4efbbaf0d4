import assert from 'node:assert/strict';
import { once } from 'node:events';
import { Duplex } from 'node:stream';
import { describe, it } from 'mocha';
import { SharedLine } from '../../server/providers/bmc/serial/shared-line.ts';
import { cleanUp } from '../support/dispose.ts';
import { until } from '../support/until.ts';

/** A line that takes what is typed, or not any more. */
class Line extends Duplex {
  typed = '';
  readonly #isStuck: boolean;

  constructor(isStuck: boolean) {
    super({ highWaterMark: 4 });
    this.#isStuck = isStuck;
  }

  override _read(): void {}

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.typed += chunk.toString();
    if (!this.#isStuck) done();
  }
}

describe('a serial line that is shared', () => {
  const each = cleanUp('each');
  const { signal } = new AbortController();

  it('is typed into again by who was pasting when the BMC dropped it', async () => {
    const [stuck, next] = [new Line(true), new Line(false)];
    const lines = [stuck, next];
    const asked: boolean[] = [];
    const line = await SharedLine.open(
      {
        name: 'metal: old',
        open: async (_signal, again) => {
          asked.push(again);
          return lines.shift() ?? assert.fail('it is opened a third time');
        },
        onFault: (error) => assert.fail(error),
      },
      signal,
    );
    each.add(() => line.close());
    const tap = line.tap();
    tap.write('a paste that does not fit');
    await until(() => stuck.writableNeedDrain, { timeout: 2000, what: 'the line to be full' });
    const closed = once(stuck, 'close');
    stuck.destroy();
    await closed;
    await until(() => asked.length === 2, { timeout: 5000, what: 'the line to be opened again' });
    tap.write('after');
    await until(() => next.typed === 'after', { timeout: 2000, what: 'what is typed' });
    assert.deepEqual(asked, [false, true], 'a line is taken from nobody the second time');
  });
});
