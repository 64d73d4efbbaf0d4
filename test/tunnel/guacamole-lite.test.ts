import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import Server from 'guacamole-lite';
import ClientConnection from 'guacamole-lite/lib/ClientConnection.js';
import GuacdClient from 'guacamole-lite/lib/GuacdClient.js';
import { describe, it } from 'mocha';
import {
  GrantedConnection,
  GuacamoleServer,
  GuacdSocket,
} from '../../server/tunnel/guacamole-lite.ts';
import { Turns } from '../../server/tunnel/turns.ts';

describe('guacamole-lite', () => {
  it('is the pinned version that was looked at', () => {
    const require = createRequire(import.meta.url);
    assert.equal(require('guacamole-lite/package.json').version, '1.2.0');
    assert.equal(require('../../package.json').dependencies['guacamole-lite'], '1.2.0');
  });

  for (const [ours, stock, replaced] of [
    [GuacamoleServer, Server, ['newConnection']],
    [GrantedConnection, ClientConnection, ['decryptToken', 'mergeConnectionOptions']],
    [GuacdSocket, GuacdClient, ['processConnectionOpen']],
  ] as const) {
    it(`still has what ${ours.name} replaces, and calls it`, () => {
      assert.ok(Object.prototype.isPrototypeOf.call(stock.prototype, ours.prototype));
      for (const member of replaced) {
        assert.ok(Object.hasOwn(ours.prototype, member), `${member} of ours`);
        assert.ok(Object.hasOwn(stock.prototype, member), `${member} of the library`);
        const source = Function.prototype.toString.call(stock);
        assert.match(source, new RegExp(`this\\.${member}\\b`), `${member} is called`);
      }
    });
  }

  it('leaves the process its own signal handlers, and no interval behind', () => {
    const count = () => ['SIGTERM', 'SIGINT'].map((signal) => process.listenerCount(signal));
    const before = count();
    const server = new GuacamoleServer({ maxPayload: 1, closeTimeout: 1 }, () => {});
    assert.deepEqual(count(), before);
    server.close();
    assert.deepEqual(count(), before);
    const reader = { room: () => Buffer.alloc(1), read: () => assert.fail('nothing is read') };
    const guacd = new GuacdSocket({ path: '/nonexistent' }, 'vnc', reader, new Turns().join());
    guacd.on('error', () => {});
    assert.ok((guacd.activityCheckInterval as { _destroyed?: boolean })._destroyed);
    guacd.close();
  });
});
