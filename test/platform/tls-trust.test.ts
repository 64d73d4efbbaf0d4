import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { describe, it } from 'mocha';
import { GatewayError } from '../../server/errors.ts';
import { connectTcp } from '../../server/platform/connect-tcp.ts';
import { startTls } from '../../server/platform/tls-trust.ts';
import { cleanUp } from '../support/dispose.ts';

describe('TLS with a server', () => {
  const each = cleanUp('each');

  it('that takes the connection and says nothing is given up with whoever waits', async () => {
    const server = createServer((socket) => void each.add(() => socket.destroy()));
    each.add(() => void server.close());
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const abort = new AbortController();
    const stream = await connectTcp({ host: '127.0.0.1', port, signal: abort.signal });
    const started = startTls(stream, { fingerprint: '00' }, abort.signal);
    abort.abort();
    await assert.rejects(
      started,
      (error) => error instanceof GatewayError && error.status === 'target_lost',
    );
    assert.ok(stream.destroyed);
  });
});
