import assert from 'node:assert/strict';
import type { Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import type { WebSocket } from 'ws';
import { FLOOD, FlowControl } from '../../../server/tunnel/flow-control.ts';
import { WaitingTime } from '../../../server/tunnel/waiting-time.ts';
import { Random } from '../random.ts';
import type { Target } from '../target.ts';

const KIB = 1024;

/** A socket that takes what it is given when it is told to. */
class LateSocket extends Duplex {
  readonly #waiting: (() => void)[] = [];

  constructor(highWaterMark: number) {
    super({ highWaterMark });
  }

  override _read(): void {
    // Nothing ever comes.
  }

  override _write(_chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.#waiting.push(done);
  }

  takeOne(): void {
    this.#waiting.shift()?.();
  }
}

/**
 * Flow control between a browser and guacd that take what they are given whenever they like: who does not
 * take makes the other be read no more, who took all makes it be read again, and each wait ends once.
 */
export const flow: Target = {
  name: 'flow',
  async run(input) {
    const random = Random.of(input);
    const [client, guacd] = [new LateSocket(16 * KIB), new LateSocket(16 * KIB)];
    const viewer = random.pick([false, true]);
    const mark = 100 * KIB;
    // As ws does it: its socket alone is paused and resumed, and it knows of that by itself.
    const webSocket = {
      isPaused: false,
      pause(): void {
        this.isPaused = true;
      },
      resume(): void {
        this.isPaused = false;
      },
    };
    const waiting = { browser: new WaitingTime(), guacd: new WaitingTime() };
    const counted = (name: keyof typeof waiting): number =>
      waiting[name].total(1) - waiting[name].total(0);
    const control = new FlowControl(
      webSocket as unknown as WebSocket,
      client,
      guacd as unknown as Socket,
      viewer ? { mark } : {},
      waiting,
    );
    const limit = viewer ? mark : client.writableHighWaterMark - 1;
    const check = (): void => {
      const [toClient, toGuacd] = [client.writableLength, guacd.writableLength];
      assert.equal(counted('browser'), Number(guacd.isPaused()), 'waits for the browser');
      assert.equal(counted('guacd'), Number(control.waitsForGuacd), 'waits for guacd');
      if (toClient > limit)
        assert.ok(guacd.isPaused(), 'guacd is read, and the browser takes nothing');
      if (toClient === 0) assert.ok(!guacd.isPaused(), 'guacd is read no more, for nothing');
      if (toClient > limit + FLOOD) assert.ok(webSocket.isPaused, 'a browser that floods is read');
      if (control.waitsForGuacd) assert.ok(webSocket.isPaused, 'guacd takes nothing');
      if (toGuacd === 0 && toClient === 0) assert.ok(!webSocket.isPaused, 'the browser waits');
    };
    for (const byte of input) {
      const size = 1 + (byte >> 2) * KIB;
      switch (byte & 3) {
        case 0:
          client.write(Buffer.alloc(size));
          control.wroteToClient();
          break;
        case 1:
          control.wroteToGuacd(guacd.write(Buffer.alloc(size)));
          break;
        case 2:
          client.takeOne();
          await setImmediate();
          break;
        default:
          guacd.takeOne();
          await setImmediate();
      }
      check();
    }
    control.release();
    assert.deepEqual([counted('browser'), counted('guacd'), webSocket.isPaused], [0, 0, false]);
    assert.deepEqual([client.listenerCount('drain'), guacd.listenerCount('drain')], [0, 0]);
    client.destroy();
    guacd.destroy();
  },
};
