import assert from 'node:assert/strict';
import { ConfigError, parseConfig } from '../../server/config.ts';

describe('the section bridges', () => {
  it('listens on loopback by itself', () => {
    assert.deepEqual(parseConfig({}, 'file').bridges, { listen: '127.0.0.1' });
  });

  it('takes every interface only with a name by which guacd finds them', () => {
    const open = { listen: '0.0.0.0', advertise: 'gateway' };
    assert.deepEqual(parseConfig({ bridges: open }, 'file').bridges, open);
    for (const listen of ['0.0.0.0', '::']) {
      assert.throws(
        () => parseConfig({ bridges: { listen } }, 'file'),
        (error) =>
          error instanceof ConfigError &&
          /bridges\.advertise: expected the host name/.test(error.message),
      );
    }
    assert.throws(() => parseConfig({ bridges: { listen: 'gateway' } }, 'file'), /an IP address/);
  });
});
