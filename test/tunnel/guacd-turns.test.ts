import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { describe, it } from 'mocha';
import { GuacdSocket } from '../../server/tunnel/guacamole-lite.ts';
import { Turns } from '../../server/tunnel/turns.ts';
import { cleanUp } from '../support/dispose.ts';

const KIB = 1024;
const SENT = 8 * KIB * KIB;
const ROOM = Buffer.alloc(128 * KIB);

describe("guacd's socket", () => {
  const own = cleanUp('each');

  it('gives way to others after 128 KiB, however much there is to read', async () => {
    const server = createServer((socket) => socket.end(Buffer.alloc(SENT))).listen(0, '127.0.0.1');
    own.add(() => server.close());
    await once(server, 'listening');
    const turns: number[] = [0];
    let total = 0;
    const done = new Promise<void>((resolve) => {
      const guacd = new GuacdSocket(
        { host: '127.0.0.1', port: (server.address() as AddressInfo).port },
        'vnc',
        {
          room: () => ROOM,
          read(count) {
            turns.push((turns.pop() ?? 0) + count);
            total += count;
            if (total === SENT) resolve();
          },
        },
        new Turns().join(),
      );
      own.add(() => guacd.close());
      guacd.on('error', () => undefined);
    });
    // A turn of the event loop ends with what was to be done immediately.
    let ended = false;
    const next = (): void => {
      turns.push(0);
      if (!ended) setImmediate(next);
    };
    next();
    await done;
    ended = true;
    assert.equal(total, SENT);
    // The read that goes over the limit is the last of its turn.
    assert.ok(Math.max(...turns) < 256 * KIB, `${Math.max(...turns)} bytes in one turn`);
  });
});
