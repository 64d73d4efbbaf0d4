import assert from 'node:assert/strict';
import { once } from 'node:events';
import { request } from 'node:http';
import { type AddressInfo, type Server, type Socket, createServer } from 'node:net';
import { type TLSSocket, connect as connectTls, createServer as createTlsServer } from 'node:tls';
import { beforeEach, describe, it } from 'mocha';
import { EgressProxy, type Target } from '../../server/kvm/egress-proxy.ts';
import { publicKeyOf } from '../../server/kvm/public-key.ts';
import { makeScreenIdentity } from '../../server/kvm/screen-identity.ts';
import { publicKeyHash } from '../../server/platform/tls-trust.ts';
import { makeCertificate } from '../support/certificate.ts';
import { cleanUp } from '../support/dispose.ts';

describe("the way out of a screen's program", () => {
  const each = cleanUp('each');
  const identity = makeScreenIdentity();
  let target: Target | null;
  let refused: string[];
  let untrusted: string[];
  let proxy: EgressProxy;

  beforeEach(async () => {
    target = null;
    refused = [];
    untrusted = [];
    const onRefused = (address: string) => void refused.push(address);
    proxy = each.add(await EgressProxy.start({ target: () => target, onRefused }));
  });

  const listening = async (server: Server): Promise<number> => {
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    each.add(() => server.close());
    return (server.address() as AddressInfo).port;
  };
  /** A BMC with a new key each time, which says back what it is told. */
  const startBmc = async (port = 0): Promise<{ port: number; cert: string; server: Server }> => {
    const made = await makeCertificate();
    const server = createTlsServer(made, (socket) => socket.pipe(socket));
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
    each.add(() => server.close());
    return { port: (server.address() as AddressInfo).port, cert: made.cert, server };
  };
  /** Asks to be connected; the status, and the connection. */
  const ask = async (port: number): Promise<{ status: number; socket: Socket }> => {
    const [host = '', at = ''] = proxy.address.split(':');
    const asked = request({ host, port: Number(at), method: 'CONNECT', path: `127.0.0.1:${port}` });
    asked.end();
    type Connected = [{ statusCode: number }, Socket, Buffer];
    const [answer, socket, head] = (await once(asked, 'connect')) as Connected;
    each.add(() => socket.destroy());
    socket.unshift(head);
    return { status: answer.statusCode, socket };
  };
  const speakTls = async (socket: Socket): Promise<TLSSocket> => {
    const tls = connectTls({ socket, rejectUnauthorized: false });
    await once(tls, 'secureConnect');
    return tls;
  };
  const keyOf = async (port: number, ca: string): Promise<string | null> =>
    publicKeyOf({
      ...{ name: 'rack: u12', vendor: 'browser', trust: { ca } },
      ...{ url: new URL(`https://127.0.0.1:${port}`), signal: new AbortController().signal },
      ...{ onStep: () => undefined, onFault: () => undefined },
    });

  it('leads nowhere before its target is known, and to it alone from then on', async () => {
    const port = await listening(createServer((socket) => socket.end('hello')));
    assert.equal((await ask(port)).status, 403);
    target = { host: '127.0.0.1', port };
    const { status, socket } = await ask(port);
    assert.equal(status, 200);
    assert.equal(String((await once(socket, 'data'))[0]), 'hello');
    assert.equal((await ask(port + 1)).status, 403);
    assert.deepEqual(refused, [`127.0.0.1:${port}`, `127.0.0.1:${port + 1}`]);
  });

  it('shows its own key in place of a target whose key is the right one', async () => {
    const { port, cert } = await startBmc();
    const publicKey = await keyOf(port, cert);
    assert.ok(publicKey);
    const onUntrusted = (error: Error) => void untrusted.push(error.message);
    target = { host: '127.0.0.1', port, tls: { publicKey, identity, onUntrusted } };
    const { status, socket } = await ask(port);
    assert.equal(status, 200);
    const tls = await speakTls(socket);
    assert.equal(publicKeyHash(tls), identity.publicKey);
    tls.write('over TLS');
    assert.equal(String((await once(tls, 'data'))[0]), 'over TLS');
    assert.deepEqual(untrusted, []);
  });

  it('is closed to a target that has another key than before, which is told', async () => {
    const before = await startBmc();
    const publicKey = await keyOf(before.port, before.cert);
    assert.ok(publicKey);
    before.server.close();
    await once(before.server, 'close');
    const { port } = await startBmc(before.port);
    const onUntrusted = (error: Error) => void untrusted.push(error.message);
    target = { host: '127.0.0.1', port, tls: { publicKey, identity, onUntrusted } };
    await assert.rejects(ask(port), { code: 'ECONNRESET' });
    assert.deepEqual(untrusted, ['the certificate has changed']);
  });
});
