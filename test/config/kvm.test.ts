import assert from 'node:assert/strict';
import { ConfigError, parseConfig } from '../../server/config.ts';

describe('the section kvm', () => {
  const refuses = (config: object, words: RegExp): void =>
    assert.throws(
      () => parseConfig(config, 'file'),
      (error) => error instanceof ConfigError && words.test(error.message),
    );

  it('keeps no screen ready and gives no image away by itself', () => {
    const { warm, images } = parseConfig({}, 'file').kvm;
    assert.deepEqual({ warm, images }, { warm: 0, images: false });
  });

  it('keeps no more screens ready than there may be', () => {
    assert.equal(parseConfig({ kvm: { warm: 3, screens: 3 } }, 'file').kvm.warm, 3);
    refuses({ kvm: { warm: 4, screens: 3 } }, /kvm\.warm: expected no more than kvm\.screens/);
  });

  it('offers images of a folder that is named', () => {
    assert.equal(
      parseConfig({ kvm: { images: true }, images: { path: '/srv' } }, '').kvm.images,
      true,
    );
    refuses({ kvm: { images: true } }, /kvm\.images: expected a folder images\.path/);
  });
});
