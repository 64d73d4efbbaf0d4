import assert from 'node:assert/strict';
import { Duplex } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import { FrameAssembler, type FrameSink } from '../../../server/tunnel/frame-assembler.ts';
import { FrameWriter } from '../../../server/tunnel/frame-writer.ts';
import { InstructionScanner } from '../../../server/tunnel/instruction-scanner.ts';
import { ReadBuffers } from '../../../server/tunnel/read-buffers.ts';
import { framesOf } from '../../tunnel/support/frames-of.ts';
import { Random } from '../random.ts';
import type { Target } from '../target.ts';
import { readInto, relayed } from './relayed.ts';

const LIMIT = 32 * 1024 * 1024;

/**
 * The frame writer under the frame assembler, on a socket that takes what it is given now or later: the
 * frames are RFC 6455's, and carry the bytes that the assembler gave.
 */
export const frames: Target = {
  name: 'frames',
  async run(input) {
    const random = Random.of(input);
    const taken: Buffer[] = [];
    const waiting: (() => void)[] = [];
    const socket = new Duplex({
      highWaterMark: random.pick([1, 16, 1024]),
      read: () => undefined,
      write(chunk: Buffer, _encoding, done) {
        const take = (): void => {
          // Not before: until now the bytes have to stay as they are.
          taken.push(Buffer.from(chunk));
          done();
        };
        if (random.below(3) === 0) waiting.push(take);
        else take();
      },
    });
    const buffers = new ReadBuffers();
    const writer = new FrameWriter(socket, buffers);
    const sink: FrameSink = {
      frame: (...part) => writer.write(...part),
      instruction: () => true,
    };
    const assembler = new FrameAssembler(new InstructionScanner(LIMIT, ['sync']), sink, buffers);
    // A session that streams, too.
    const times = random.pick([1, 1, 1, 20]);
    const pieces = random.cut(Buffer.concat(Array.from({ length: times }, () => input)));
    for (const piece of pieces) {
      if (readInto(assembler, [piece]) !== null) break;
      if (random.below(2) === 0) waiting.shift()?.();
      if (random.below(4) === 0) await setImmediate();
    }
    while (waiting.length > 0 || socket.writableLength > 0) {
      waiting.shift()?.();
      await setImmediate();
    }
    let passed = '';
    let open = '';
    let inside = false;
    for (const { opcode, fin, payload } of framesOf(Buffer.concat(taken))) {
      assert.equal(opcode, inside ? 0 : 1);
      inside = !fin;
      open += payload.toString('latin1');
      if (!fin) continue;
      passed += open;
      open = '';
    }
    assert.equal(passed, relayed(pieces, { limit: LIMIT, watched: ['sync'] }).passed);
    socket.destroy();
  },
};
