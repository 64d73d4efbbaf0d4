import assert from 'node:assert/strict';
import { createCipheriv, randomBytes } from 'node:crypto';
import { EncryptJWT } from 'jose';
import { describe, it } from 'mocha';
import { GatewayError } from '../../server/errors.ts';
import { ConnectionTokens, MAX_TOKEN_LENGTH } from '../../server/tunnel/connection-token.ts';
import { SECRET, testGrant } from './support/test-gateway.ts';

const NOW = Date.UTC(2030, 0, 1);
const LATER = NOW + 30_000;
const key = (id: string) => ({ id, secret: new Uint8Array(randomBytes(32)) });

function refusedAs(status: string) {
  return (error: unknown) => {
    assert.ok(error instanceof GatewayError);
    assert.equal(error.status, status);
    assert.equal(error.cause, undefined, 'a cause may quote what was inside');
    return true;
  };
}

describe('connection tokens', () => {
  it('give back the grant, credentials in any script included', async () => {
    const tokens = new ConnectionTokens([key('k1')]);
    const grant = testGrant({ user: 'Ørjan Жук 😀', guacd: { path: '/run/guacd.sock' } });
    const opened = tokens.open(await tokens.issue(grant, LATER, NOW), NOW);
    assert.deepEqual(opened.grant, grant);
    assert.equal(opened.grant.parameters['password'], SECRET);
    assert.equal(opened.expiresAt, LATER);
    assert.equal(Buffer.from(opened.jti, 'base64url').length, 16);
  });

  it('are each another one, with an id of their own, and show nothing of the grant', async () => {
    const tokens = new ConnectionTokens([key('k1')]);
    const issued = await Promise.all([1, 2].map(() => tokens.issue(testGrant(), LATER, NOW)));
    const ids = issued.map((token) => tokens.open(token, NOW).jti);
    assert.notEqual(ids[0], ids[1]);
    for (const part of issued.join('.').split('.')) {
      assert.doesNotMatch(Buffer.from(part, 'base64url').toString(), /password|127\.0\.0\.1|desk/);
    }
  });

  it('are refused as expired from the second of their expiry on', async () => {
    const tokens = new ConnectionTokens([key('k1')]);
    const token = await tokens.issue(testGrant(), LATER, NOW);
    tokens.open(token, LATER - 1);
    assert.throws(() => tokens.open(token, LATER), refusedAs('token_expired'));
  });

  it('are encrypted by the first key and opened by every key', async () => {
    const [old, young] = [key('old'), key('young')];
    const before = new ConnectionTokens([old]);
    const after = new ConnectionTokens([young, old]);
    const issued = await before.issue(testGrant(), LATER, NOW);
    assert.ok(after.open(issued, NOW).grant);
    const renewed = await after.issue(testGrant(), LATER, NOW);
    assert.throws(() => before.open(renewed, NOW), refusedAs('token_invalid'));
    assert.ok(new ConnectionTokens([young]).open(renewed, NOW).grant);
  });

  it('are refused with any one bit flipped, in every part', async () => {
    const tokens = new ConnectionTokens([key('k1')]);
    const token = await tokens.issue(testGrant(), LATER, NOW);
    const step = 7; // each character of the short parts, every seventh of the ciphertext
    const ciphertext = token.split('.').slice(0, 3).join('.').length;
    for (
      let at = 0;
      at < token.length;
      at += at > ciphertext && at < token.length - 30 ? step : 1
    ) {
      for (const bit of [1, 2, 4, 8, 16, 32]) {
        const flipped = String.fromCharCode(token.charCodeAt(at) ^ bit);
        const altered = token.slice(0, at) + flipped + token.slice(at + 1);
        assert.throws(() => tokens.open(altered, NOW), refusedAs('token_invalid'), `${at} ${bit}`);
      }
    }
  });

  it('are refused when they are garbage, empty, of an unknown key or too long', async () => {
    const tokens = new ConnectionTokens([key('k1')]);
    const foreign = await new ConnectionTokens([key('k1')]).issue(testGrant(), LATER, NOW);
    const token = await tokens.issue(testGrant(), LATER, NOW);
    for (const bad of ['', '....', 'x', 'é', foreign, `${token}.`, ` ${token}`, `${token}=`]) {
      assert.throws(() => tokens.open(bad, NOW), refusedAs('token_invalid'));
    }
    assert.throws(() => tokens.open('A'.repeat(1_000_000), NOW), refusedAs('token_invalid'));
  });

  it('are refused under any other algorithm, audience or content, even by the right key', async () => {
    const secret = new Uint8Array(randomBytes(32));
    const tokens = new ConnectionTokens([{ id: 'k1', secret }]);
    const seal = (changes: { alg?: string; enc?: string; audience?: string; claims?: object }) => {
      const { alg = 'dir', enc = 'A256GCM', audience = 'rackside:tunnel', claims } = changes;
      return new EncryptJWT({ grant: testGrant(), jti: 'x', iat: 0, exp: LATER / 1000, ...claims })
        .setProtectedHeader({ alg, enc, kid: 'k1' })
        .setAudience(audience)
        .encrypt(secret);
    };
    assert.ok(tokens.open(await seal({}), NOW));
    for (const changes of [
      { alg: 'A256KW' },
      { alg: 'A256GCMKW' },
      { enc: 'A128CBC-HS256' },
      { audience: 'rackside:other' },
      { claims: { jti: undefined } },
      { claims: { exp: undefined } },
      { claims: { nbf: 0 } },
      { claims: { grant: undefined } },
      { claims: { grant: { ...testGrant(), surprise: true } } },
      { claims: { grant: { ...testGrant(), guacd: { host: 'x', port: 70_000 } } } },
      { claims: { grant: { ...testGrant(), parameters: { port: 5900 } } } },
    ]) {
      const what = JSON.stringify(changes);
      const sealed = await seal(changes);
      assert.throws(() => tokens.open(sealed, NOW), refusedAs('token_invalid'), what);
    }
  });

  it('are refused with parts of another length, though the right key has sealed them', () => {
    const secret = randomBytes(32);
    const tokens = new ConnectionTokens([{ id: 'k1', secret: new Uint8Array(secret) }]);
    const claims = {
      aud: 'rackside:tunnel',
      jti: 'x',
      iat: 0,
      exp: LATER / 1000,
      grant: testGrant(),
    };
    const noUtf8 = Buffer.from(JSON.stringify(claims));
    noUtf8[noUtf8.indexOf('"x"') + 1] = 0xff;
    const seal = ({
      iv = 12,
      tag = 16,
      encryptedKey = '',
      content = Buffer.from(JSON.stringify(claims)),
    }) => {
      const header = Buffer.from('{"alg":"dir","enc":"A256GCM","kid":"k1"}').toString('base64url');
      const vector = randomBytes(iv);
      const cipher = createCipheriv('aes-256-gcm', secret, vector, { authTagLength: tag });
      cipher.setAAD(Buffer.from(header));
      const sealed = Buffer.concat([cipher.update(content), cipher.final()]);
      const parts = [vector, sealed, cipher.getAuthTag()].map((part) => part.toString('base64url'));
      return [header, encryptedKey, ...parts].join('.');
    };
    assert.ok(tokens.open(seal({}), NOW));
    for (const changes of [
      ...[4, 8, 12, 15].map((tag) => ({ tag })),
      ...[1, 8, 16].map((iv) => ({ iv })),
      { encryptedKey: 'AAAA' },
      { content: noUtf8 },
      { content: Buffer.alloc(0) },
      { content: Buffer.from('[]') },
    ]) {
      const what = JSON.stringify(changes);
      assert.throws(() => tokens.open(seal(changes), NOW), refusedAs('token_invalid'), what);
    }
    assert.throws(() => tokens.open(`${seal({})}.`, NOW), refusedAs('token_invalid'));
  });

  it('are expired whatever their grant is: it may be of another release', async () => {
    const secret = new Uint8Array(randomBytes(32));
    const old = await new EncryptJWT({ grant: { of: 'old' }, jti: 'x', iat: 1, exp: LATER / 1000 })
      .setProtectedHeader({ alg: 'dir', enc: 'A256GCM', kid: 'k1' })
      .setAudience('rackside:tunnel')
      .encrypt(secret);
    const tokens = new ConnectionTokens([{ id: 'k1', secret }]);
    assert.throws(() => tokens.open(old, NOW), refusedAs('token_invalid'));
    assert.throws(() => tokens.open(old, LATER), refusedAs('token_expired'));
    assert.throws(() => tokens.open(old, NaN), refusedAs('token_expired'));
  });

  it('are not issued for a grant that would not fit into a request line', async () => {
    const tokens = new ConnectionTokens([key('k1')]);
    const parameters = { 'private-key': 'x'.repeat(MAX_TOKEN_LENGTH) };
    await assert.rejects(
      tokens.issue(testGrant({ parameters }), LATER, NOW),
      refusedAs('internal'),
    );
    const key4096 = { 'private-key': 'x'.repeat(3300), passphrase: 'y'.repeat(100) };
    assert.ok(await tokens.issue(testGrant({ parameters: key4096 }), LATER, NOW));
  });
});
