import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { ConfigError, parseConfig } from '../../server/config.ts';

const SECRET = Buffer.from('twice sixteen bytes are thirty-2').toString('base64');

describe('the section closeUrls', () => {
  it('takes its secret as Standard Webhooks write it, and hides it', () => {
    for (const secret of [SECRET, `whsec_${SECRET}`]) {
      const { closeUrls } = parseConfig({ closeUrls: { secret } }, 'file');
      assert.equal(closeUrls?.key.export().toString('base64'), SECRET);
      assert.equal(JSON.stringify(closeUrls).includes(SECRET), false);
      assert.deepEqual([closeUrls.timeout, closeUrls.tries, closeUrls.backoff], [10, 12, 5]);
    }
  });

  it('is not there by itself', () => {
    assert.equal(parseConfig({}, 'file').closeUrls, undefined);
  });

  const faults: [string, object, RegExp][] = [
    ['no secret', {}, /closeUrls\.secret: /],
    ['a short secret', { secret: 'c2hvcnQ=' }, /secret: expected at least 32 bytes in base64/],
    ['a secret that is no base64', { secret: 'ä'.repeat(64) }, /secret: expected at least 32/],
    ['an empty list', { secret: SECRET, allow: [] }, /closeUrls\.allow: too small/],
    ['no tries', { secret: SECRET, tries: 0 }, /closeUrls\.tries: /],
    [
      'an unknown key',
      { secret: SECRET, retries: 3 },
      /unknown key, expected one of secret, allow/,
    ],
  ];
  for (const origin of ['*', 'https://*', 'portal.example', 'https://a.example/x', 'ftp://a.b']) {
    faults.push([
      `the origin ${origin}`,
      { secret: SECRET, allow: [origin] },
      /allow\.0: expected an/,
    ]);
  }
  for (const [what, closeUrls, message] of faults) {
    it(`refuses ${what}`, () => {
      assert.throws(
        () => parseConfig({ closeUrls }, 'file'),
        (error: unknown) => error instanceof ConfigError && message.test(error.message),
      );
    });
  }
});
