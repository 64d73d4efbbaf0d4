import assert from 'node:assert/strict';
import { foldGroup } from '../../server/auth/remote/fold-group.ts';
import { type GroupMapping, grantOf } from '../../server/auth/remote/group-mapping.ts';

const MAPPING: GroupMapping = {
  defaultRole: 'none',
  groups: [
    { group: 'staff', role: 'support', machines: [] },
    { group: 'chiefs', role: 'admin', machines: [] },
    { group: 'lab', role: 'customer', machines: ['lab:*', 'lab:{group}'] },
    { group: '/customers/*', role: 'customer', machines: ['vms:{group}-*', 'own:{name}'] },
  ],
};

describe('groups', () => {
  const granted = (groups: string[], mapping: object = {}, name = 'anna') =>
    grantOf({ name, groups }, { ...MAPPING, ...mapping });

  const table: [string, string[], ReturnType<typeof grantOf>][] = [
    ['none lets nobody in', [], undefined],
    ['one that is not written down lets nobody in', ['STAFF', 'staf', 'staffs'], undefined],
    ['one gives its role', ['staff'], { role: 'support', machines: [] }],
    [
      'the strongest role wins',
      ['lab', 'chiefs', 'staff'],
      { role: 'admin', machines: ['lab:*', 'lab:lab'] },
    ],
    [
      'machines add up, {group} is what * stood for',
      ['/customers/acme', '/customers/b', 'lab'],
      {
        role: 'customer',
        machines: ['lab:*', 'lab:lab', 'vms:acme-*', 'own:anna', 'vms:b-*'],
      },
    ],
    ['* stands for something', ['/customers/'], undefined],
  ];
  for (const [what, groups, expected] of table) {
    it(what, () => assert.deepEqual(granted(groups), expected));
  }

  it('by default keep out, or make a customer with no machines but their own', () => {
    assert.deepEqual(granted([], { defaultRole: 'customer' }), { role: 'customer', machines: [] });
  });

  it('that is required is needed whatever else somebody has', () => {
    const requireGroup = 'console-users';
    assert.equal(granted(['chiefs'], { requireGroup }), undefined);
    assert.equal(granted([], { requireGroup, defaultRole: 'customer' }), undefined);
    assert.equal(granted(['chiefs', requireGroup], { requireGroup })?.role, 'admin');
  });

  it('and names with a * in them mean no machine, they would mean all', () => {
    assert.deepEqual(granted(['/customers/*'])?.machines, ['own:anna']);
    assert.deepEqual(granted(['/customers/x'], {}, '*')?.machines, ['vms:x-*']);
  });

  it('and names are not read for placeholders', () => {
    assert.deepEqual(granted(['/customers/{name}'])?.machines, ['vms:{name}-*', 'own:anna']);
  });

  it('of a directory are the same in any case and spacing, but not across an escaped comma', () => {
    assert.equal(foldGroup('CN=Staff, OU=Groups,DC=x'), foldGroup('cn=staff,ou=groups, dc=X '));
    assert.notEqual(foldGroup('cn=a\\, b,dc=x'), foldGroup('cn=a\\,b,dc=x'));
  });
});
