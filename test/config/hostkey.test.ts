import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { ConfigError, parseConfig } from '../../server/config.ts';

const SERVER = { id: '14494', machine: 'lab:desk', location: 'NL', pin: '0042' };

function treeOf(hostkey: object): object {
  return { hostkey, providers: [{ id: 'lab', type: 'static', machines: [] }] };
}

describe('the section hostkey', () => {
  it('spells as newer replies do, keeps leading zeros, and hides its pins', () => {
    const { hostkey } = parseConfig(treeOf({ servers: [SERVER] }), 'file');
    assert.equal(hostkey?.spelling, 'lower');
    assert.equal(hostkey.servers[0]?.pin.reveal(), '0042');
    assert.doesNotMatch(JSON.stringify(hostkey), /0042/);
  });

  it('is not there by itself', () => {
    assert.equal(parseConfig({}, 'file').hostkey, undefined);
  });

  const one = (more: object) => ({ servers: [{ ...SERVER, ...more }] });
  const faults: [string, object, RegExp][] = [
    ['no servers', { servers: [] }, /hostkey\.servers: too small/],
    ['a number without quotes', one({ id: 14494 }), /servers\.0\.id: expected digits in quotes/],
    ['an id that is no number', one({ id: 'desk' }), /servers\.0\.id: expected digits/],
    ['a pin without quotes', one({ pin: 42 }), /servers\.0\.pin: .*expected string/],
    ['no pin', one({ pin: undefined }), /servers\.0\.pin: /],
    ['a machine without its provider', one({ machine: 'desk' }), /machine: expected <provider>:/],
    [
      'a provider that is not there',
      one({ machine: 'ovirt:desk' }),
      /servers\.0\.machine: unknown provider "ovirt", expected one of lab/,
    ],
    [
      'two servers of one id',
      { servers: [SERVER, SERVER] },
      /servers\.1\.id: duplicate id "14494"/,
    ],
    ['another spelling', { ...one({}), spelling: 'Debug' }, /hostkey\.spelling: .*"lower"/],
    ['an unknown key', one({ pins: '1' }), /servers\.0\.pins: unknown key/],
  ];
  for (const [what, hostkey, expected] of faults) {
    it(`refuses ${what} by its path`, () => {
      const thrown = (error: unknown) =>
        error instanceof ConfigError && expected.test(error.message);
      assert.throws(() => parseConfig(treeOf(hostkey), 'file'), thrown);
    });
  }
});
