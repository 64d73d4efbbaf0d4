import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, type Socket, connect, createServer } from 'node:net';
import { describe, it } from 'mocha';
import { FrameWriter } from '../../server/tunnel/frame-writer.ts';
import { HEADER_ROOM, ReadBuffers } from '../../server/tunnel/read-buffers.ts';
import { cleanUp } from '../support/dispose.ts';
import { framesOf } from './support/frames-of.ts';

describe('the frame writer', () => {
  const each = cleanUp('each');

  async function pair(): Promise<[Socket, Socket]> {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const reader = connect((server.address() as AddressInfo).port, '127.0.0.1');
    const [writer] = (await once(server, 'connection')) as [Socket];
    each.add(() => void [reader.destroy(), writer.destroy(), server.close()]);
    return [writer, reader];
  }

  it('frames every size as the browser expects it, fragments of a message too', async () => {
    const [socket, reader] = await pair();
    const writer = new FrameWriter(socket, new ReadBuffers());
    const sizes = [0, 1, 125, 126, 16_383, 16_384, 65_535, 65_536, 130_000];
    const sent: Buffer[] = [];
    for (const [index, size] of sizes.entries()) {
      const buffer = Buffer.alloc(HEADER_ROOM + size, 65 + index);
      sent.push(Buffer.from(buffer.subarray(HEADER_ROOM)));
      writer.write(buffer, HEADER_ROOM, buffer.length, index % 3 !== 0, index % 2 === 0);
    }
    const chunks: Buffer[] = [];
    reader.on('data', (chunk: Buffer) => chunks.push(chunk));
    socket.end();
    await once(reader, 'end');
    const frames = framesOf(Buffer.concat(chunks));
    assert.deepEqual(
      frames.map(({ payload }) => payload.length),
      sizes,
    );
    for (const [index, { opcode, fin, payload }] of frames.entries()) {
      const continues = index > 0 && (index - 1) % 3 === 0;
      assert.deepEqual([opcode, fin], [continues ? 0 : 1, index % 3 !== 0]);
      assert.ok(payload.equals(sent[index] ?? Buffer.alloc(0)));
    }
  });

  it('lends a buffer to a reader who does not keep up, and has it back once they do', async () => {
    const [socket, reader] = await pair();
    const buffers = new ReadBuffers();
    const writer = new FrameWriter(socket, buffers);
    const chunks: Buffer[] = [];
    const sent: Buffer[] = [];
    let lent: Buffer | undefined;
    for (let n = 0; n < 1000 && !lent; n += 1) {
      const buffer = buffers.take();
      buffer.fill(65 + (n % 26));
      sent.push(Buffer.from(buffer.subarray(HEADER_ROOM)));
      const free = writer.write(buffer, HEADER_ROOM, buffer.length, true, true);
      if (free) buffers.give(buffer);
      else lent = buffer;
    }
    assert.ok(lent, 'the socket takes no more at some time');
    // What follows is copied: it may be overwritten at once.
    const small = Buffer.alloc(HEADER_ROOM + 10, 33);
    sent.push(Buffer.from(small.subarray(HEADER_ROOM)));
    assert.equal(writer.write(small, HEADER_ROOM, small.length, true, true), true);
    small.fill(0);
    const other = buffers.take();
    assert.notEqual(other, lent);
    reader.on('data', (chunk: Buffer) => chunks.push(chunk));
    await once(socket, 'drain');
    assert.equal(buffers.take(), lent);
    socket.end();
    await once(reader, 'end');
    const frames = framesOf(Buffer.concat(chunks));
    assert.equal(frames.length, sent.length);
    assert.ok(frames.every(({ payload }, index) => payload.equals(sent[index] ?? Buffer.alloc(0))));
  });
});
