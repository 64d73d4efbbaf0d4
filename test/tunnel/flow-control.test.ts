import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, type Socket, connect, createServer } from 'node:net';
import { getDefaultHighWaterMark, setDefaultHighWaterMark } from 'node:stream';
import { describe, it } from 'mocha';
import { type WebSocket, WebSocketServer } from 'ws';
import { FlowControl } from '../../server/tunnel/flow-control.ts';
import { WaitingTime } from '../../server/tunnel/waiting-time.ts';
import { cleanUp } from '../support/dispose.ts';
import { until } from '../support/until.ts';

const KIB = 1024;
const UPGRADE = `GET / HTTP/1.1\r
Host: gateway\r
Upgrade: websocket\r
Connection: Upgrade\r
Sec-WebSocket-Version: 13\r
Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r
\r
`;

describe('flow control', () => {
  const each = cleanUp('each');

  async function guacd(): Promise<Socket> {
    const server = createServer((socket) => void each.add(() => socket.destroy()));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
    await once(socket, 'connect');
    each.add(() => void [socket.destroy(), server.close()]);
    return socket;
  }

  /** The gateway's side of a WebSocket and the socket beneath it, whose browser does not read yet. */
  async function browser() {
    const server = new WebSocketServer({ port: 0, host: '127.0.0.1', perMessageDeflate: false });
    await once(server, 'listening');
    const accepted = once(server, 'connection');
    const far = connect((server.address() as AddressInfo).port, '127.0.0.1');
    far.write(UPGRADE);
    const [[webSocket, request]] = await Promise.all([accepted, once(far, 'readable')]);
    each.add(() => void [far.destroy(), server.close()]);
    return { webSocket: webSocket as WebSocket, client: request.socket as Socket, far };
  }

  // Node 20 has the first, Node 22 the second.
  for (const mark of [16 * KIB, 64 * KIB]) {
    it(`reads guacd again once the browser takes what waited, of sockets of ${mark / KIB} KiB`, async () => {
      const usual = getDefaultHighWaterMark(false);
      setDefaultHighWaterMark(false, mark);
      each.add(() => setDefaultHighWaterMark(false, usual));
      const [source, { webSocket, client, far }] = await Promise.all([guacd(), browser()]);
      assert.equal(client.writableHighWaterMark, mark);
      const waiting = { browser: new WaitingTime(), guacd: new WaitingTime() };
      const flow = new FlowControl(webSocket, client, source, {}, waiting);
      const some = Buffer.alloc(20 * KIB);
      while (client.writableLength < some.length) {
        client.write(some);
        flow.wroteToClient();
      }
      const held = source.isPaused();
      far.resume();
      await until(() => client.writableLength === 0, { timeout: 5000, what: 'all to be taken' });
      await until(() => !source.isPaused(), { timeout: 1000, what: 'guacd to be read again' });
      assert.equal(held, mark < some.length);
    });
  }

  it('acts when a viewer holds guacd back for longer than they may, and not when they took all before', async () => {
    const held: string[] = [];
    /** A viewer with nothing but a first picture waiting. */
    async function view(name: string, after: number) {
      const [source, { webSocket, client, far }] = await Promise.all([guacd(), browser()]);
      const waiting = { browser: new WaitingTime(), guacd: new WaitingTime() };
      const pace = { mark: 64 * KIB, held: { after, act: () => void held.push(name) } };
      const flow = new FlowControl(webSocket, client, source, pace, waiting);
      while (!source.isPaused()) {
        client.write(Buffer.alloc(20 * KIB));
        flow.wroteToClient();
      }
      return { source, far };
    }
    const quick = await view('quick', 500);
    quick.far.resume();
    await until(() => !quick.source.isPaused(), { timeout: 400, what: 'guacd to be read again' });
    await view('slow', 600);
    await until(() => held.length > 0, { timeout: 5000, what: 'the slow one' });
    assert.deepEqual(held, ['slow']);
  });
});
