import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { OriginPolicy } from '../../server/tunnel/origin-policy.ts';

describe('origin policy', () => {
  const policy = new OriginPolicy({
    publicUrl: 'https://gateway.example/some/path',
    allowedOrigins: ['https://portal.example:8443', 'http://intranet'],
    trustedProxies: (address) => address === '10.0.0.1',
  });
  const forwarded = {
    'x-forwarded-proto': 'https',
    'x-forwarded-host': 'console.customer.example',
  };

  it("allows the public URL's origin and the configured ones", () => {
    for (const origin of [
      'https://gateway.example',
      'https://portal.example:8443',
      'http://intranet',
    ]) {
      assert.ok(policy.allows(origin, {}, '192.0.2.1'), origin);
    }
  });

  it('allows a client without Origin, which is no browser', () => {
    assert.ok(policy.allows(undefined, {}, '192.0.2.1'));
  });

  it('refuses one in which there are bytes that are no host, however often', () => {
    // As a header's bytes come. Node 20 mistakes them once it has compiled its own test of a URL.
    const origin = Buffer.from('https://portal.exam😀ple').toString('latin1');
    for (let asked = 0; asked < 20_000; asked += 1) {
      assert.equal(policy.allows(origin, {}, '192.0.2.1'), false);
    }
  });

  it('refuses every other origin, however alike', () => {
    for (const origin of [
      'null',
      '',
      'http://gateway.example',
      'https://gateway.example:444',
      'https://gateway.example.evil.example',
      'https://portal.example',
      'https://gateway.example/path',
      'https://user@gateway.example',
      'file://',
      'https://gateway.example, https://evil.example',
    ]) {
      assert.equal(policy.allows(origin, {}, '192.0.2.1'), false, origin);
    }
  });

  it('believes forwarded headers of a trusted proxy only', () => {
    const origin = 'https://console.customer.example';
    assert.ok(policy.allows(origin, forwarded, '10.0.0.1'));
    assert.equal(policy.allows(origin, forwarded, '10.0.0.2'), false);
    assert.equal(policy.allows(origin, forwarded, undefined), false);
    assert.equal(policy.allows('http://console.customer.example', forwarded, '10.0.0.1'), false);
    assert.equal(policy.allows('null', { 'x-forwarded-proto': 'null' }, '10.0.0.1'), false);
  });

  it('takes the first of several forwarded values: what the browser asked for', () => {
    const chain = {
      'x-forwarded-proto': 'https, http',
      'x-forwarded-host': 'a.example, b.internal',
    };
    assert.ok(policy.allows('https://a.example', chain, '10.0.0.1'));
    assert.equal(policy.allows('http://b.internal', chain, '10.0.0.1'), false);
  });

  it('is not made with something that is no URL', () => {
    assert.throws(
      () => new OriginPolicy({ publicUrl: 'x', allowedOrigins: [], trustedProxies: () => false }),
      TypeError,
    );
  });
});
