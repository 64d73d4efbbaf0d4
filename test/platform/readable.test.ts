import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import { describe, it } from 'mocha';
import { readExactly } from '../../server/platform/readable.ts';

describe('bytes that are read of a stream by their number', () => {
  it('come one at a time, and nothing else has to wait for them', async () => {
    const stream = new PassThrough();
    const reading = readExactly(stream, 4);
    for (const byte of 'RFB ') {
      stream.write(byte);
      // Comes only where the process is not kept busy by the reading.
      await setImmediate();
    }
    assert.equal(String(await reading), 'RFB ');
  });

  it('are no more than were asked for: the rest stays, to the end', async () => {
    const stream = new PassThrough();
    stream.end('abcdef');
    assert.equal(String(await readExactly(stream, 4)), 'abcd');
    assert.equal(String(await readExactly(stream, 0)), '');
    assert.equal(String(await readExactly(stream, 2)), 'ef');
    assert.equal(await readExactly(stream, 1), undefined);
  });

  it('are none where the stream ends or breaks before', async () => {
    const ended = new PassThrough();
    ended.end('ab');
    assert.equal(await readExactly(ended, 4), undefined);
    const broken = new PassThrough();
    broken.on('error', () => undefined);
    const reading = readExactly(broken, 4);
    broken.destroy(new Error('ECONNRESET'));
    assert.equal(await reading, undefined);
  });
});
