import assert from 'node:assert/strict';
import { matchesMachine } from '../../server/auth/machine-pattern.ts';
import { Policy } from '../../server/auth/policy.ts';
import type { Principal } from '../../server/auth/principal.ts';
import { ROLES, type Role } from '../../server/contract/index.ts';

const alice = (role: Role): Principal => ({
  name: 'alice',
  role,
  via: 'session',
  machines: ['lab:*'],
  scope: null,
});
const policy = new Policy([]);

/** What each role may do with its own things, with others', and with what nobody owns. */
const TABLE: Record<Role, { own: boolean; others: boolean; nobodys: boolean }> = {
  customer: { own: true, others: false, nobodys: false },
  support: { own: true, others: true, nobodys: true },
  admin: { own: true, others: true, nobodys: true },
};

describe('the policy', () => {
  for (const role of ROLES) {
    const may = TABLE[role];
    const who = alice(role);

    it(`lets the role ${role} open machines: own ${may.own}, others' ${may.others}`, () => {
      assert.equal(policy.mayOnMachine(who, 'open', { id: 'a:1', owner: 'alice' }), may.own);
      assert.equal(policy.mayOnMachine(who, 'open', { id: 'a:1', owner: 'bob' }), may.others);
      assert.equal(policy.mayOnMachine(who, 'open', { id: 'a:1', owner: null }), may.nobodys);
    });

    it(`lets the role ${role} close consoles: own ${may.own}, others' ${may.others}`, () => {
      const of = (user: string, owner: string | null) => ({ machine: 'a:1', user, owner });
      assert.equal(policy.mayOnConsole(who, 'kill', of('alice', 'bob')), may.own);
      assert.equal(policy.mayOnConsole(who, 'kill', of('bob', 'alice')), may.own);
      assert.equal(policy.mayOnConsole(who, 'kill', of('bob', null)), may.others);
    });

    it(`lets the role ${role} act for others: ${may.others}`, () => {
      assert.equal(policy.mayActFor(who, 'alice'), may.own);
      assert.equal(policy.mayActFor(who, 'bob'), may.others);
      assert.equal(policy.mayNameCloseUrl(who), may.others);
    });
  }

  it('lets a customer use the machines that their patterns name, whoever owns them', () => {
    const who = alice('customer');
    assert.equal(policy.mayOnMachine(who, 'open', { id: 'lab:desk', owner: 'bob' }), true);
    assert.equal(policy.mayOnMachine(who, 'open', { id: 'other:desk', owner: 'bob' }), false);
  });

  for (const [pattern, id, matches] of [
    ['*', 'a:1', true],
    ['a:1', 'a:1', true],
    ['a:1', 'a:12', false],
    ['a:*', 'a:', true],
    ['a:*', 'b:a:1', false],
    ['*:web-*-nl', 'a:web-7-nl', true],
    ['*:web-*-nl', 'a:web-nl', false],
    ['ab*ba', 'aba', false],
    ['a.c', 'abc', false],
  ] as const) {
    it(`takes ${id} ${matches ? 'as meant' : 'as not meant'} by the pattern ${pattern}`, () => {
      assert.equal(matchesMachine(pattern, id), matches);
    });
  }
});
