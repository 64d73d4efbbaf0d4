import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { CompactEncrypt, EncryptJWT } from 'jose';
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
    const opened = await tokens.open(await tokens.issue(grant, LATER, NOW), NOW);
    assert.deepEqual(opened.grant, grant);
    assert.equal(opened.grant.parameters['password'], SECRET);
    assert.equal(opened.expiresAt, LATER);
    assert.equal(Buffer.from(opened.jti, 'base64url').length, 16);
  });

  it('are each another one, with an id of their own, and show nothing of the grant', async () => {
    const tokens = new ConnectionTokens([key('k1')]);
    const issued = await Promise.all([1, 2].map(() => tokens.issue(testGrant(), LATER, NOW)));
    const ids = await Promise.all(issued.map(async (token) => (await tokens.open(token, NOW)).jti));
    assert.notEqual(ids[0], ids[1]);
    for (const part of issued.join('.').split('.')) {
      assert.doesNotMatch(Buffer.from(part, 'base64url').toString(), /password|127\.0\.0\.1|desk/);
    }
  });

  it('are refused as expired from the second of their expiry on', async () => {
    const tokens = new ConnectionTokens([key('k1')]);
    const token = await tokens.issue(testGrant(), LATER, NOW);
    await tokens.open(token, LATER - 1);
    await assert.rejects(tokens.open(token, LATER), refusedAs('token_expired'));
  });

  it('are encrypted by the first key and opened by every key', async () => {
    const [old, young] = [key('old'), key('young')];
    const before = new ConnectionTokens([old]);
    const after = new ConnectionTokens([young, old]);
    const issued = await before.issue(testGrant(), LATER, NOW);
    assert.ok((await after.open(issued, NOW)).grant);
    const renewed = await after.issue(testGrant(), LATER, NOW);
    await assert.rejects(before.open(renewed, NOW), refusedAs('token_invalid'));
    assert.ok((await new ConnectionTokens([young]).open(renewed, NOW)).grant);
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
        await assert.rejects(tokens.open(altered, NOW), refusedAs('token_invalid'), `${at} ${bit}`);
      }
    }
  });

  it('are refused when they are garbage, empty, of an unknown key or too long', async () => {
    const tokens = new ConnectionTokens([key('k1')]);
    const foreign = await new ConnectionTokens([key('k1')]).issue(testGrant(), LATER, NOW);
    const token = await tokens.issue(testGrant(), LATER, NOW);
    for (const bad of ['', '....', 'x', 'é', foreign, `${token}.`, ` ${token}`, `${token}=`]) {
      await assert.rejects(tokens.open(bad, NOW), refusedAs('token_invalid'));
    }
    await assert.rejects(tokens.open('A'.repeat(1_000_000), NOW), refusedAs('token_invalid'));
  });

  it('are refused under any other algorithm, audience or content, even by the right key', async () => {
    const secret = new Uint8Array(randomBytes(32));
    const tokens = new ConnectionTokens([{ id: 'k1', secret }]);
    // The very key is not to be had from outside; the secret itself must not do.
    const direct = (enc: string, bytes: Uint8Array) =>
      new CompactEncrypt(Buffer.from('{}'))
        .setProtectedHeader({ alg: 'dir', enc, kid: 'k1' })
        .encrypt(bytes);
    const bySecret = await new EncryptJWT({ grant: testGrant() })
      .setProtectedHeader({ alg: 'dir', enc: 'A256GCM', kid: 'k1' })
      .setAudience('rackside:tunnel')
      .setJti('x')
      .setExpirationTime(LATER / 1000)
      .encrypt(secret);
    const wrong = [
      bySecret,
      await direct('A128CBC-HS256', secret),
      await direct('A128GCM', secret.slice(0, 16)),
    ];
    for (const bad of wrong)
      await assert.rejects(tokens.open(bad, NOW), refusedAs('token_invalid'));
    const odd = { ...testGrant(), surprise: true };
    const extended = await tokens.issue(odd, LATER, NOW);
    await assert.rejects(tokens.open(extended, NOW), refusedAs('token_invalid'));
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
