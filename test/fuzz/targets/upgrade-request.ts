import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { TestGateway } from '../../tunnel/support/test-gateway.ts';
import type { Target } from '../target.ts';

let gateway: Promise<TestGateway> | null = null;

/**
 * Whatever a client sends to the port: it is answered in HTTP or hung up on, nobody comes in without a
 * token, and the server lives.
 */
export const upgradeRequest: Target = {
  name: 'upgrade-request',
  async run(input) {
    gateway ??= TestGateway.start();
    const { port, tunnels, events } = await gateway;
    const socket = connect({ port, host: '127.0.0.1', noDelay: true });
    let answer = '';
    socket.on('data', (chunk: Buffer) => {
      answer += chunk.toString('latin1');
    });
    // It may hang up before it has read all.
    socket.on('error', () => undefined);
    socket.end(input);
    await once(socket, 'close');
    assert.match(answer, /^(HTTP\/1\.1 (1(?!01)\d\d|4\d\d|501) |$)/);
    assert.equal(tunnels.size, 0);
    assert.deepEqual(events, []);
  },
  async stop() {
    await (await gateway)?.stop();
    gateway = null;
  },
};
