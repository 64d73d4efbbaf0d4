import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { openFireEdgeToken } from '../../server/tunnel/fireedge-token.ts';
import { logBook } from '../support/log-book.ts';
import { FIREEDGE_SETTINGS, fireEdgeToken } from './support/fireedge-token.ts';

const KEY = logBook.secret(randomBytes(16).toString('hex'));
const NOW = 1_700_000_000_000;

const open = (token: string, key = KEY) => openFireEdgeToken(token, Buffer.from(key), NOW);
const vnc = (settings: object = {}, rest: object = {}) => ({
  ...rest,
  connection: {
    type: 'vnc',
    settings: { ...FIREEDGE_SETTINGS, hostname: 'kvm1', port: '5901', password: 'p', ...settings },
  },
});
const refused = (token: string, message = /^FireEdge's token is not valid$/) =>
  assert.throws(() => open(token), { status: 'token_invalid', message });

describe("FireEdge's token", () => {
  it('says where to, with which of guacd’s parameters, and whether to look alone', () => {
    assert.deepEqual(open(fireEdgeToken(vnc(), KEY)), {
      ...{ protocol: 'vnc', host: 'kvm1', port: 5901, readOnly: false },
      parameters: { password: 'p' },
    });
    assert.equal(open(fireEdgeToken(vnc({ 'read-only': 'true' }), KEY)).readOnly, true);
    assert.equal(open(fireEdgeToken(vnc({ 'read-only': true, port: 5901 }), KEY)).readOnly, true);
    const settings = {
      ...FIREEDGE_SETTINGS,
      hostname: '[2001:db8::1]',
      port: 3389,
      username: null,
    };
    const rdp = open(fireEdgeToken({ connection: { type: 'rdp', settings } }, KEY));
    assert.deepEqual(
      [rdp.host, rdp.parameters],
      ['2001:db8::1', { security: 'any', 'ignore-cert': 'true' }],
    );
  });

  it('is over when it says so', () => {
    assert.equal(open(fireEdgeToken(vnc({}, { expiration: NOW + 1 }), KEY)).port, 5901);
    assert.throws(() => open(fireEdgeToken(vnc({}, { expiration: NOW - 1 }), KEY)), {
      status: 'token_expired',
    });
  });

  it('is of nobody else’s key, and not changed on its way: each is told alike', () => {
    refused(fireEdgeToken(vnc(), randomBytes(16).toString('hex')));
    const token = fireEdgeToken(vnc(), KEY);
    const outer = JSON.parse(Buffer.from(token, 'base64').toString()) as {
      iv: string;
      value: string;
    };
    const again = (changed: object) =>
      Buffer.from(JSON.stringify({ ...outer, ...changed })).toString('base64');
    const bytes = Buffer.from(outer.value, 'base64');
    for (let at = 0; at < bytes.length; at += 1) {
      const flipped = Buffer.from(bytes);
      flipped[at] = (flipped[at] ?? 0) ^ 1;
      const changed = again({ value: flipped.toString('base64') });
      try {
        // A bit in the block before may make another text; never another machine.
        assert.equal(open(changed).host, 'kvm1');
      } catch (error) {
        assert.equal((error as { status?: string }).status, 'token_invalid');
      }
    }
    for (const iv of ['', 'AAAA', 'A'.repeat(64)]) refused(again({ iv }));
    for (const value of ['', 'AAAA', bytes.subarray(0, -1).toString('base64')]) {
      refused(again({ value }));
    }
    refused(again({ more: 1 }));
  });

  it('is not anything else', () => {
    for (const text of [
      '',
      'x',
      '{}',
      '"',
      '%%%',
      'e30=',
      Buffer.from('null').toString('base64'),
    ]) {
      refused(text);
    }
    refused(`A${'A'.repeat(9000)}`);
    for (const content of [
      'no json',
      {},
      { connection: {} },
      { connection: { type: 'spice', settings: { hostname: 'a', port: 1 } } },
      { connection: { type: 'vnc', settings: { port: 1 } } },
      { connection: { type: 'vnc', settings: { hostname: 'a b', port: 1 } } },
      { connection: { type: 'vnc', settings: { hostname: 'a', port: 0 } } },
      { connection: { type: 'vnc', settings: { hostname: 'a', port: 70_000 } } },
      { connection: { type: 'vnc', settings: { hostname: 'a', port: 1, x: {} } } },
      { ...vnc(), more: 1 },
      { connection: { ...vnc().connection, join: 'id' } },
    ]) {
      refused(fireEdgeToken(content, KEY));
    }
  });

  it('sets nothing that reaches files or other machines of guacd', () => {
    for (const name of [
      ...['recording-path', 'recording-name', 'create-recording-path', 'dest-host', 'dest-port'],
      ...['enable-sftp', 'sftp-hostname', 'reverse-connect', 'wol-send-packet', 'unknown'],
      ...['audio-servername', '__proto__x', 'toString'],
    ]) {
      refused(fireEdgeToken(vnc({ [name]: 'true' }), KEY), /setting that is not taken/);
    }
    const ssh = { hostname: 'a', port: 22, 'typescript-path': '/tmp' };
    refused(fireEdgeToken({ connection: { type: 'ssh', settings: ssh } }, KEY), /typescript-path/);
  });
});
