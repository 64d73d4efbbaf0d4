import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { ConfigError, parseConfig } from '../../server/config.ts';

const TOKEN = { name: 'x', role: 'support', tokenHash: '0'.repeat(64) };

function treeOf(more: object): object {
  return { providers: [{ id: 'lab', type: 'static', machines: [] }], ...more };
}

const rule = (one: object) => treeOf({ policy: [one] });
const token = (more: object) => treeOf({ apiTokens: [{ ...TOKEN, ...more }] });
const waking = (wakeOnLan: object) => ({
  providers: [
    {
      id: 'lab',
      type: 'static',
      machines: [{ id: 'rack', consoles: { ssh: { host: 'h' } }, wakeOnLan }],
    },
  ],
});

describe('the section policy', () => {
  it('is empty by itself', () => {
    assert.deepEqual(parseConfig({}, 'file').policy, []);
  });

  it('takes rules for roles, users, doors and machines', () => {
    const one = {
      roles: ['customer'],
      users: ['alice'],
      via: ['session'],
      machines: ['lab:web-*', '*'],
      deny: ['kill', 'power'],
      kinds: ['vnc'],
      readOnly: true,
      purpose: 'required',
      approval: 'required',
      approvers: { users: ['carol'] },
    };
    const { policy } = parseConfig(rule(one), 'file');
    assert.deepEqual(policy, [{ ...one, approvers: { roles: [], users: ['carol'] } }]);
  });

  const faults: [string, object, RegExp][] = [
    ['an unknown key', rule({ role: 'admin', deny: ['open'] }), /policy\.0\.role: unknown key/],
    ['a rule that does nothing', rule({ users: ['alice'] }), /policy\.0: expected what the rule/],
    ['an unknown action', rule({ deny: ['fly'] }), /policy\.0\.deny\.0: /],
    ['an empty list', rule({ users: [], deny: ['open'] }), /policy\.0\.users: expected at least/],
    ['to allow anything else', rule({ allow: ['open'] }), /policy\.0\.allow\.0: /],
    ['readOnly: false', rule({ readOnly: false }), /policy\.0\.readOnly: /],
    [
      'approvers without approval',
      rule({ deny: ['open'], approvers: { users: ['carol'] } }),
      /policy\.0\.approvers: expected none/,
    ],
    [
      'approvers that are nobody',
      rule({ approval: 'required', approvers: {} }),
      /policy\.0\.approvers: expected roles, users or both/,
    ],
    [
      'machines of a provider that is not there: the rule would never count',
      rule({ machines: ['lab:*', 'lap:*'], deny: ['open'] }),
      /policy\.0\.machines\.1: unknown provider "lap", expected one of lab/,
    ],
    ['a machine without its provider', rule({ machines: ['desk'], deny: ['open'] }), /machines\.0/],
    ['a token’s unknown action', token({ actions: ['fly'] }), /apiTokens\.0\.actions\.0: /],
    ['a token’s unknown provider', token({ machines: ['lap:*'] }), /apiTokens\.0\.machines\.0: /],
    ['a MAC that is none', waking({ mac: '02:00:5e' }), /wakeOnLan\.mac: expected a MAC/],
    [
      'a broadcast address that is none',
      waking({ mac: '02:00:5e:10:00:ff', broadcast: 'lan' }),
      /wakeOnLan\.broadcast: expected an IP address/,
    ],
  ];
  for (const [what, tree, expected] of faults) {
    it(`refuses ${what}`, () => {
      const thrown = (error: unknown) =>
        error instanceof ConfigError && expected.test(error.message);
      assert.throws(() => parseConfig(tree, 'file'), thrown);
    });
  }
});
