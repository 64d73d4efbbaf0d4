import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { type RfbBridge, openRfbBridge } from '../../server/bridges/rfb-bridge.ts';
import type { RfbTarget } from '../../server/providers/provider-context.ts';
import { cleanUp } from '../support/dispose.ts';
import { grabFramebuffer } from '../support/framebuffer.ts';
import { logBook } from '../support/log-book.ts';
import { QemuPeer } from '../support/qemu.ts';

const sasl = { username: 'vnc-0ecc8183', password: logBook.secret(randomBytes(9).toString('hex')) };
const ticket = randomBytes(4).toString('hex');

describe('the bridge to a VNC server', () => {
  const parts = cleanUp();
  let plain: QemuPeer;
  let x509: QemuPeer;
  let fips: QemuPeer;
  let ca: string;

  before(async () => {
    [plain, x509, fips] = await Promise.all([
      parts.start(QemuPeer.start()),
      parts.start(QemuPeer.start({ security: 'x509' })),
      parts.start(QemuPeer.start({ security: 'x509-sasl', sasl })),
    ]);
    await Promise.all([plain.setPassword(ticket), x509.setPassword(ticket)]);
    ca = await readFile(x509.caFile, 'utf8');
  });

  const opened: RfbBridge[] = [];
  const faults: Error[] = [];
  afterEach(() => {
    for (const bridge of opened.splice(0)) bridge.close();
    faults.length = 0;
  });

  async function open(peer: QemuPeer, how: Omit<RfbTarget, 'stream'>): Promise<RfbBridge> {
    const bridge = await openRfbBridge({
      host: '127.0.0.1',
      reach: async () => ({ ...how, stream: connect(peer.port, peer.host) }),
      onFault: (error) => faults.push(error),
      signal: new AbortController().signal,
    });
    logBook.secret(bridge.password);
    opened.push(bridge);
    return bridge;
  }

  const status = (expected: string) => (error: unknown) => {
    assert.equal((error as { status?: unknown }).status, expected);
    return true;
  };

  it('shows a machine behind VNC authentication, as often as guacd comes', async () => {
    const bridge = await open(plain, { password: ticket });
    for (let time = 0; time < 3; time += 1) {
      const { width, height } = await grabFramebuffer(bridge);
      assert.ok(width >= 640 && height >= 400);
    }
    assert.deepEqual(faults, []);
  });

  it('shows a machine behind VeNCrypt with a certificate of a CA that is known', async () => {
    const trust = { ca, serverName: 'localhost' };
    const { width } = await grabFramebuffer(await open(x509, { password: ticket, trust }));
    assert.ok(width >= 640);
  });

  it('shows a machine behind SASL with SCRAM-SHA-256 in TLS, as a host in FIPS mode asks', async () => {
    const trust = { ca: await readFile(fips.caFile, 'utf8'), serverName: 'localhost' };
    const { width } = await grabFramebuffer(await open(fips, { ...sasl, trust }));
    assert.ok(width >= 640);
  });

  it('tells a wrong certificate from a wrong password', async () => {
    const other = { ca: await readFile(fips.caFile, 'utf8'), serverName: 'localhost' };
    await assert.rejects(
      open(x509, { password: ticket, trust: other }),
      status('target_certificate_refused'),
    );
    await assert.rejects(
      open(x509, { password: ticket, trust: { ca, serverName: 'other.example' } }),
      status('target_certificate_refused'),
    );
    await assert.rejects(
      open(x509, { password: 'wrong', trust: { ca, serverName: 'localhost' } }),
      status('target_credentials_refused'),
    );
    await assert.rejects(open(plain, { password: 'wrong' }), status('target_credentials_refused'));
    const trust = { ca: other.ca, serverName: 'localhost' };
    await assert.rejects(
      open(fips, { ...sasl, password: 'wrong', trust }),
      status('target_credentials_refused'),
    );
  });

  it('does not speak without TLS to a server that demands it', async () => {
    await assert.rejects(open(x509, { password: ticket }), status('target_unsupported'));
  });

  it('lets nobody in who does not know its password', async () => {
    const { host, port } = await open(plain, { password: ticket });
    await assert.rejects(grabFramebuffer({ host, port, password: ticket }));
  });
});
