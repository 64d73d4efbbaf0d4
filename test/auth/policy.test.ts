import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { describe, it } from 'mocha';
import type { PolicyRule } from '../../server/auth/policy-rule.ts';
import { Policy } from '../../server/auth/policy.ts';
import type { Principal, TokenScope } from '../../server/auth/principal.ts';
import {
  ACTIONS,
  type Action,
  CONSOLE_KINDS,
  ROLES,
  type Role,
} from '../../server/contract/index.ts';

function somebody(role: Role, more: Partial<Principal> = {}): Principal {
  return { name: 'alice', role, via: 'session', machines: ['lab:*'], scope: null, ...more };
}

/** A console of each relation to alice, whose patterns name the machines of `lab`. */
const RELATIONS = {
  'a machine of her own': { machine: 'a:1', owner: 'alice', user: 'bob' },
  'a machine that a pattern gives her': { machine: 'lab:1', owner: 'bob', user: 'bob' },
  'a console opened for her': { machine: 'a:1', owner: 'bob', user: 'alice' },
  'a machine of somebody else': { machine: 'a:1', owner: 'bob', user: 'bob' },
  'a machine of nobody': { machine: 'a:1', owner: null, user: 'bob' },
} as const;
type Relation = keyof typeof RELATIONS;

const EVERYTHING_BUT_APPROVALS: readonly Action[] = [
  'list',
  'open',
  'extend',
  'share',
  'watch',
  'kill',
  'power',
];
const ALL_OF_A_CONSOLE: readonly Action[] = [...EVERYTHING_BUT_APPROVALS, 'approve'];

/** What each role may do without any rule. */
const TABLE: Record<Role, Record<Relation, readonly Action[]>> = {
  customer: {
    'a machine of her own': EVERYTHING_BUT_APPROVALS,
    'a machine that a pattern gives her': EVERYTHING_BUT_APPROVALS,
    'a console opened for her': EVERYTHING_BUT_APPROVALS,
    'a machine of somebody else': [],
    'a machine of nobody': [],
  },
  support: allRelations(EVERYTHING_BUT_APPROVALS),
  admin: allRelations(ALL_OF_A_CONSOLE),
};

function allRelations(actions: readonly Action[]): Record<Relation, readonly Action[]> {
  return Object.fromEntries(Object.keys(RELATIONS).map((name) => [name, actions])) as Record<
    Relation,
    readonly Action[]
  >;
}

function allowed(policy: Policy, who: Principal, relation: Relation): Action[] {
  return ACTIONS.filter(
    (action) => action !== 'audit' && policy.mayOnConsole(who, action, RELATIONS[relation]),
  );
}

describe('the policy', () => {
  const free = new Policy([]);

  for (const role of ROLES) {
    for (const [relation, actions] of Object.entries(TABLE[role]) as [Relation, Action[]][]) {
      const words = actions.length === 0 ? 'nothing' : actions.join(', ');
      it(`lets a ${role} do to ${relation}: ${words}`, () => {
        assert.deepEqual(allowed(free, somebody(role), relation), actions);
      });
    }
  }

  for (const role of ROLES) {
    const staff = role !== 'customer';
    it(`lets a ${role} act for others and name a closeUrl: ${staff}, read the audit trail: ${role === 'admin'}`, () => {
      assert.equal(free.mayActFor(somebody(role), 'alice'), true);
      assert.equal(free.mayActFor(somebody(role), 'bob'), staff);
      assert.equal(free.mayNameCloseUrl(somebody(role)), staff);
      assert.equal(free.may(somebody(role), 'audit'), role === 'admin');
    });
  }

  it('gives a person for whom a console was opened nothing on the machine itself', () => {
    const machine = { id: 'a:1', owner: 'bob' };
    assert.deepEqual(free.actionsOn(somebody('customer'), machine), []);
  });

  describe('a rule', () => {
    const deny: Pick<PolicyRule, 'deny'> = { deny: ['open'] };
    const matching: [string, PolicyRule, boolean][] = [
      ['for all', deny, true],
      ['for her role', { ...deny, roles: ['customer'] }, true],
      ['for other roles', { ...deny, roles: ['support', 'admin'] }, false],
      ['for her name', { ...deny, users: ['bob', 'alice'] }, true],
      ['for another name', { ...deny, users: ['bob'] }, false],
      ['for her door', { ...deny, via: ['session'] }, true],
      ['for other doors', { ...deny, via: ['token', 'launch'] }, false],
      ['for the machine', { ...deny, machines: ['lab:*'] }, true],
      ['for other machines', { ...deny, machines: ['a:*', 'lab:2'] }, false],
      ['for her, on other machines', { ...deny, users: ['alice'], machines: ['a:*'] }, false],
      ['for her and the machine', { ...deny, users: ['alice'], machines: ['lab:1'] }, true],
    ];
    for (const [what, rule, counts] of matching) {
      it(`${what} ${counts ? 'counts' : 'does not count'}`, () => {
        const machine = { id: 'lab:1', owner: 'alice' };
        const may = new Policy([rule]).mayOnMachine(somebody('customer'), 'open', machine);
        assert.equal(may, !counts);
      });
    }

    for (const action of ACTIONS) {
      it(`that denies ${action} takes away that and nothing else, from everybody`, () => {
        const policy = new Policy([{ deny: [action] }]);
        for (const role of ROLES) {
          for (const relation of Object.keys(RELATIONS) as Relation[]) {
            const left = TABLE[role][relation].filter((other) => other !== action);
            assert.deepEqual(allowed(policy, somebody(role), relation), left);
          }
        }
        assert.equal(policy.may(somebody('admin'), 'audit'), action !== 'audit');
      });
    }

    it('may give support the approvals, of machines that they may use', () => {
      const policy = new Policy([{ roles: ['support', 'customer'], allow: ['approve'] }]);
      const approve = (role: Role, relation: Relation) =>
        policy.mayOnConsole(somebody(role), 'approve', RELATIONS[relation]);
      assert.equal(approve('support', 'a machine of somebody else'), true);
      assert.equal(approve('customer', 'a machine of her own'), true);
      assert.equal(approve('customer', 'a machine of somebody else'), false);
    });

    it('loses to one that denies, in whichever order', () => {
      const rules: PolicyRule[] = [
        { roles: ['support'], allow: ['approve'] },
        { users: ['alice'], deny: ['approve'] },
      ];
      for (const ordered of [rules, rules.toReversed()]) {
        const may = new Policy(ordered).mayOnConsole(
          somebody('support'),
          'approve',
          RELATIONS['a machine of nobody'],
        );
        assert.equal(may, false);
      }
    });
  });

  describe('the terms of a console', () => {
    const machine = { id: 'lab:1', owner: 'alice' };
    const alice = somebody('customer');
    const portal = somebody('support', { name: 'portal', via: 'token' });
    const terms = (rules: PolicyRule[], who = alice, user = alice) =>
      new Policy(rules).termsOf(who, user, machine);

    it('are none without a rule', () => {
      assert.deepEqual(terms([]), {
        kinds: [...CONSOLE_KINDS],
        readOnly: false,
        purpose: false,
        approval: false,
        approvers: [],
        may: { extend: true, share: true, power: true },
      });
    });

    it('add up', () => {
      const boss = { roles: ['admin'], users: [] } as const;
      const carol = { roles: [], users: ['carol'] } as const;
      const found = terms([
        { kinds: ['vnc', 'ssh'], purpose: 'required' },
        { kinds: ['ssh', 'rdp'], readOnly: true },
        { approval: 'required', approvers: boss, deny: ['share'] },
        { approval: 'required', approvers: carol },
        { users: ['bob'], deny: ['extend'] },
      ]);
      assert.deepEqual(found, {
        kinds: ['ssh'],
        readOnly: true,
        purpose: true,
        approval: true,
        approvers: [boss, carol],
        may: { extend: true, share: false, power: true },
      });
    });

    it('leave no kind where opening is denied', () => {
      assert.deepEqual(terms([{ deny: ['open'] }]).kinds, []);
    });

    it('count for who asks and for whom alike: nobody acts their way round a rule', () => {
      const forCustomers: PolicyRule = { roles: ['customer'], readOnly: true };
      const forSupport: PolicyRule = { roles: ['support'], purpose: 'required' };
      const both = terms([forCustomers, forSupport], portal, alice);
      assert.deepEqual([both.readOnly, both.purpose], [true, true]);
      const own = terms([forCustomers, forSupport], alice, alice);
      assert.deepEqual([own.readOnly, own.purpose], [true, false]);
    });
  });

  describe('an approval', () => {
    const waiting = {
      machine: 'a:1',
      owner: 'bob',
      user: 'bob',
      openedBy: 'portal',
      approvers: [],
    };
    const admins = { roles: ['admin'], users: [] } as const;
    const carol = { roles: [], users: ['carol', 'bob'] } as const;
    const named = (name: string, role: Role) => somebody(role, { name, machines: [] });

    const table: [string, Principal, Partial<typeof waiting> | object, boolean][] = [
      ['an administrator gives', named('alice', 'admin'), {}, true],
      ['support does not give', named('alice', 'support'), {}, false],
      ['whoever it is for does not give', named('bob', 'admin'), {}, false],
      ['whoever asked for it does not give', named('portal', 'admin'), {}, false],
      ['a listed name gives', named('carol', 'customer'), { approvers: [carol] }, true],
      ['a listed role gives', named('alice', 'admin'), { approvers: [admins] }, true],
      ['an unlisted admin does not give', named('alice', 'admin'), { approvers: [carol] }, false],
      [
        'nobody gives who is on one of two lists only',
        named('carol', 'support'),
        { approvers: [carol, admins] },
        false,
      ],
      ['who is on both gives', named('carol', 'admin'), { approvers: [carol, admins] }, true],
      [
        'even a listed name does not give for its own console',
        named('bob', 'admin'),
        { approvers: [carol] },
        false,
      ],
      [
        'a name does not give by being called like a role',
        named('admin', 'customer'),
        { approvers: [admins] },
        false,
      ],
    ];
    for (const [what, who, more, may] of table) {
      it(what, () => assert.equal(free.mayApprove(who, { ...waiting, ...more }), may));
    }

    it('is taken from a listed name by a rule that denies it', () => {
      const policy = new Policy([{ users: ['carol'], deny: ['approve'] }]);
      const who = named('carol', 'admin');
      assert.equal(policy.mayApprove(who, { ...waiting, approvers: [carol] }), false);
    });

    it('needs the scope of a token', () => {
      const who = (actions: Action[]) =>
        somebody('admin', { via: 'token', scope: { actions, machines: null, personal: false } });
      assert.equal(free.mayApprove(who(['approve']), waiting), true);
      assert.equal(free.mayApprove(who(['open']), waiting), false);
      const listed = { ...waiting, approvers: [admins] };
      assert.equal(free.mayApprove(who(['open']), listed), false);
    });
  });

  describe('a token’s scope', () => {
    const scoped = (role: Role, scope: Omit<TokenScope, 'personal'>) =>
      somebody(role, { via: 'token', scope: { ...scope, personal: false } });

    it('leaves its actions alone', () => {
      const who = scoped('admin', { actions: ['list', 'kill'], machines: null });
      assert.deepEqual(allowed(free, who, 'a machine of nobody'), ['list', 'kill']);
      assert.equal(free.may(who, 'audit'), false);
    });

    it('leaves its machines alone, and hides that there are others', () => {
      const who = scoped('support', { actions: null, machines: ['lab:*'] });
      assert.deepEqual(allowed(free, who, 'a machine of nobody'), []);
      assert.deepEqual(
        allowed(free, who, 'a machine that a pattern gives her'),
        EVERYTHING_BUT_APPROVALS,
      );
      assert.equal(free.mayKnowOfAny(who), false);
    });

    it('gives nothing that the owner may not do', () => {
      const who = scoped('customer', { actions: [...ACTIONS], machines: ['*'] });
      assert.deepEqual(allowed(free, who, 'a machine of somebody else'), []);
      assert.deepEqual(allowed(free, who, 'a machine of her own'), EVERYTHING_BUT_APPROVALS);
    });
  });

  describe('whatever rule is added', () => {
    const names = fc.constantFrom('alice', 'bob', 'portal');
    const roles = fc.constantFrom(...ROLES);
    const some = <T>(item: fc.Arbitrary<T>) =>
      fc.option(fc.uniqueArray(item, { minLength: 1, maxLength: 3 }), { nil: undefined });
    const approvers = fc.record({ roles: fc.uniqueArray(roles), users: fc.uniqueArray(names) });
    const rule: fc.Arbitrary<PolicyRule> = fc.record({
      roles: some(roles),
      users: some(names),
      via: some(fc.constantFrom('session', 'token', 'launch')),
      machines: some(fc.constantFrom('*', 'a:*', 'lab:*', 'lab:1')),
      deny: some(fc.constantFrom(...ACTIONS)),
      allow: some(fc.constant('approve')),
      kinds: some(fc.constantFrom(...CONSOLE_KINDS)),
      readOnly: fc.constantFrom(true, undefined),
      purpose: fc.constantFrom('required', undefined),
      approval: fc.constantFrom('required', undefined),
      approvers: fc.option(approvers, { nil: undefined }),
    });
    const scope = fc.option(
      fc.record({
        actions: fc.option(fc.uniqueArray(fc.constantFrom(...ACTIONS))),
        machines: fc.option(fc.uniqueArray(fc.constantFrom('*', 'a:*', 'lab:1'))),
        personal: fc.boolean(),
      }),
    );
    const who: fc.Arbitrary<Principal> = fc.record({
      name: names,
      role: roles,
      via: fc.constantFrom('session', 'token', 'launch'),
      machines: fc.uniqueArray(fc.constantFrom('lab:*', 'a:1'), { maxLength: 1 }),
      scope,
    });
    const console = fc.record({
      machine: fc.constantFrom('a:1', 'lab:1'),
      owner: fc.option(names),
      user: names,
    });

    it('nobody may do more, but approve', () => {
      fc.assert(
        fc.property(fc.array(rule, { maxLength: 4 }), rule, who, console, (rules, one, me, of) => {
          const [less, more] = [new Policy([...rules, one]), new Policy(rules)];
          for (const action of ACTIONS) {
            if (action === 'approve') continue;
            if (less.mayOnConsole(me, action, of)) assert.ok(more.mayOnConsole(me, action, of));
          }
          if (less.may(me, 'audit')) assert.ok(more.may(me, 'audit'));
          const machine = { id: of.machine, owner: of.owner };
          const user = { name: of.user, role: 'customer', via: me.via, scope: null } as const;
          const [tight, loose] = [less, more].map((policy) => policy.termsOf(me, user, machine));
          assert.ok(tight && loose);
          assert.ok(tight.kinds.every((kind) => loose.kinds.includes(kind)));
          assert.ok(tight.readOnly || !loose.readOnly);
          assert.ok(tight.purpose || !loose.purpose);
          assert.ok(tight.approval || !loose.approval);
          assert.ok(!tight.may.extend || loose.may.extend);
          assert.ok(!tight.may.share || loose.may.share);
        }),
      );
    });

    it('the order of the rules does not matter', () => {
      fc.assert(
        fc.property(fc.array(rule, { maxLength: 4 }), who, console, (rules, me, of) => {
          const [one, other] = [new Policy(rules), new Policy(rules.toReversed())];
          for (const action of ACTIONS) {
            assert.equal(one.mayOnConsole(me, action, of), other.mayOnConsole(me, action, of));
          }
        }),
      );
    });

    it('nobody approves what is theirs or what they asked for', () => {
      fc.assert(
        fc.property(fc.array(rule), who, console, fc.array(approvers), (rules, me, of, lists) => {
          const policy = new Policy(rules);
          const mine = { ...of, openedBy: me.name, approvers: lists };
          const forMe = { ...of, user: me.name, openedBy: 'portal', approvers: lists };
          assert.equal(policy.mayApprove(me, mine), false);
          assert.equal(policy.mayApprove(me, forMe), false);
        }),
      );
    });

    it('no token of a person may do more than the person', () => {
      fc.assert(
        fc.property(fc.array(rule, { maxLength: 4 }), who, console, (rules, me, of) => {
          const policy = new Policy(rules);
          const session: Principal = { ...me, via: 'session', scope: null };
          const { actions = null, machines = null } = me.scope ?? {};
          const token: Principal = {
            ...me,
            via: 'token',
            scope: { actions, machines, personal: true },
          };
          for (const action of ACTIONS) {
            if (action === 'approve') continue;
            if (policy.mayOnConsole(token, action, of)) {
              assert.ok(policy.mayOnConsole(session, action, of));
            }
          }
        }),
      );
    });
  });

  describe('on a running console that somebody else holds', () => {
    const console = { machine: 'a:1', owner: 'alice', user: 'sup', openedBy: 'sup' } as const;
    const joins = (rule: PolicyRule, more: object = {}) =>
      [true, false].map((readOnly) =>
        new Policy([rule]).mayJoin(
          somebody('customer'),
          { ...console, kind: 'vnc', ...more },
          readOnly,
        ),
      );

    for (const [what, rule, expected, more] of [
      ['nothing more', {}, [true, true]],
      ['read-only', { readOnly: true }, [true, false]],
      ['an approval', { approval: 'required' }, [true, false]],
      ['an approval, for one of hers', { approval: 'required' }, [true, true], { user: 'alice' }],
      ['a purpose', { purpose: 'required' }, [true, false]],
      ['another kind', { kinds: ['ssh'] }, [false, false]],
      ['no opening', { deny: ['open'] }, [true, false]],
      ['no sharing', { deny: ['share'] }, [true, false]],
      ['no watching', { deny: ['watch'] }, [false, true]],
    ] as const satisfies readonly (readonly [string, PolicyRule, readonly boolean[], object?])[]) {
      it(`a rule of ${what} lets her look: ${expected[0]}, type: ${expected[1]}`, () => {
        assert.deepEqual(joins(rule, more), expected);
      });
    }

    it('never lets somebody type who could not open it to type', () => {
      const strangers = { ...console, owner: 'bob', kind: 'vnc' } as const;
      assert.equal(new Policy([]).mayJoin(somebody('customer'), strangers, true), false);
    });
  });

  it('lets no token that is for certain machines read the trail of all', () => {
    const scope: TokenScope = { actions: null, machines: ['a:*'], personal: false };
    assert.equal(new Policy([]).may(somebody('admin', { via: 'token', scope }), 'audit'), false);
  });
});
