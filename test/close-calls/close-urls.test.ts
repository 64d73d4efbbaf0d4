import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { CloseUrls, isPublic } from '../../server/close-calls/close-urls.ts';
import { GatewayError } from '../../server/errors.ts';

function refusal(urls: CloseUrls, url: string): string | undefined {
  try {
    urls.assertCallable(url);
    return undefined;
  } catch (error) {
    assert.ok(error instanceof GatewayError);
    assert.equal(error.status, 'invalid_request');
    assert.equal(error.errors?.[0]?.path, 'closeUrl');
    return error.message;
  }
}

describe('a close URL', () => {
  it('is refused where the configuration has no closeUrls', () => {
    assert.match(refusal(new CloseUrls(undefined), 'https://portal.example') ?? '', /configured/);
  });

  describe('without a list of origins', () => {
    const urls = new CloseUrls({});
    const good = [
      'https://portal.example/closed?ticket=1',
      'http://portal.example:8080',
      'https://8.8.8.8/x',
      'https://[2606:4700:4700::1111]/',
    ];
    const bad = [
      'http://127.0.0.1/',
      'http://127.1/',
      'http://0x7f000001/',
      'http://2130706433/',
      'http://0.0.0.0/',
      'http://10.0.0.1/',
      'http://172.16.5.5/',
      'http://192.168.1.1/',
      'http://100.64.0.1/',
      'http://169.254.169.254/latest/meta-data/',
      'http://224.0.0.1/',
      'http://[::1]/',
      'http://[::]/',
      'http://[::ffff:127.0.0.1]/',
      'http://[::ffff:a9fe:a9fe]/',
      'http://[::127.0.0.1]/',
      'http://[::a9fe:a9fe]/',
      'http://[fe80::1]/',
      'http://[fd00:ec2::254]/',
    ];
    for (const url of good) it(`may be ${url}`, () => assert.equal(refusal(urls, url), undefined));
    for (const url of bad) {
      it(`may not be ${url}`, () => assert.match(refusal(urls, url) ?? '', /no public address/));
    }
    for (const url of ['https://a:b@portal.example/', 'https://portal.example/#part']) {
      it(`may not be ${url}`, () => assert.match(refusal(urls, url) ?? '', /without a user/));
    }
  });

  describe('with a list of origins', () => {
    const urls = new CloseUrls({
      allow: ['http://127.0.0.1:9', 'https://portal.example', 'https://*.hosting.example:8443'],
    });
    const table: [string, boolean][] = [
      ['http://127.0.0.1:9/closed', true],
      ['http://127.0.0.1:10/', false],
      ['https://portal.example:443/x', true],
      ['https://PORTAL.example/x', true],
      ['http://portal.example/', false],
      ['https://portal.example.evil.example/', false],
      ['https://a.portal.example/', false],
      ['https://a.hosting.example:8443/', true],
      ['https://a.b.hosting.example:8443/', true],
      ['https://hosting.example:8443/', false],
      ['https://evilhosting.example:8443/', false],
      ['https://a.hosting.example/', false],
      ['http://a.hosting.example:8443/', false],
      ['https://8.8.8.8/', false],
    ];
    for (const [url, allowed] of table) {
      it(`${allowed ? 'may' : 'may not'} be ${url}`, () => {
        if (allowed) assert.equal(refusal(urls, url), undefined);
        else assert.match(refusal(urls, url) ?? '', /is not among closeUrls\.allow/);
      });
    }
  });

  it('that was taken before its origin left the list is not called any more', () => {
    const urls = new CloseUrls({ allow: ['https://portal.example'] });
    assert.throws(() => urls.lookupOf(new URL('https://old.example/')), /not among/);
    assert.throws(() => new CloseUrls(undefined).lookupOf(new URL('https://old.example/')));
  });

  it('whose name leads inside is not called', async () => {
    const lookup = new CloseUrls({}).lookupOf(new URL('http://localhost:9/'));
    for (const all of [true, false]) {
      const error = await new Promise((resolve) => lookup('localhost', { all }, resolve));
      assert.match(String(error), /localhost: .* is no public address/);
    }
  });

  it('counts an IPv4 address in IPv6 clothes as itself', () => {
    assert.equal(isPublic('::ffff:8.8.8.8'), true);
    assert.equal(isPublic('::ffff:10.0.0.1'), false);
  });
});
