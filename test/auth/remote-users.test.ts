import assert from 'node:assert/strict';
import { RemoteUsers } from '../../server/auth/remote/remote-users.ts';
import type { StatusCode } from '../../server/contract/index.ts';

const HOUR = 3_600_000;
const source = (type: 'oidc' | 'ldap', prefix: string) => ({
  ref: { type, id: 'corp' },
  prefix,
  defaultRole: 'customer' as const,
  groups: [{ group: 'chiefs', role: 'admin' as const, machines: [] }],
});
/** Who has no lasting id is known by name alone. */
const people = { claim: () => assert.fail('a person without a subject claims nothing') };
const OIDC = source('oidc', '');
const LDAP = source('ldap', 'corp\\');

describe('people of a source outside', () => {
  let now = 0;
  const users = (sources = [OIDC, LDAP], reserved = ['admin', 'portal']) =>
    new RemoteUsers({ sources, reserved, people, now: () => now });
  const admit = async (of: typeof OIDC, name: string, groups: string[] = []) => {
    const { remote } = await users().admit(of.ref, { subject: null, name, groups });
    assert.ok(remote);
    return remote;
  };
  const refused = (of: typeof OIDC, name: string, status: StatusCode) =>
    assert.rejects(admit(of, name), { name: 'GatewayError', status });

  it('are called as the source calls them, after its prefix', async () => {
    assert.equal((await admit(OIDC, 'anna')).name, 'anna');
    assert.equal((await admit(LDAP, 'anna')).name, 'corp\\anna');
  });

  for (const name of ['admin', 'Admin', 'ＡＤＭＩＮ', 'portal']) {
    it(`are never the local account that ${name} looks like`, async () => {
      await refused(OIDC, name, 'name_taken');
    });
  }

  it('are never somebody of another source', async () => {
    await refused(OIDC, 'corp\\anna', 'name_taken');
    await refused(OIDC, 'CORP\\anna', 'name_taken');
    assert.equal((await admit(LDAP, 'corp\\anna')).name, 'corp\\corp\\anna');
  });

  for (const name of ['', ' ', 'a\nb', 'a\u0000', 'a\u202eb', 'x'.repeat(129)]) {
    it(`are not called ${JSON.stringify(name.slice(0, 9))}`, async () => {
      await refused(OIDC, name, 'not_permitted');
    });
  }

  it('are who they were for two hours', async () => {
    now = 1_000;
    const anna = await admit(OIDC, 'anna', ['chiefs']);
    now += 2 * HOUR - 1;
    assert.deepEqual(users().principal(anna), {
      name: 'anna',
      role: 'admin',
      via: 'session',
      machines: [],
      scope: null,
      remote: anna,
    });
    now += 1;
    assert.equal(users().principal(anna), undefined);
  });

  it('are nobody when their source is gone, or their name became another’s', async () => {
    const anna = await admit(OIDC, 'anna');
    assert.equal(users([LDAP]).principal(anna), undefined);
    assert.equal(users([OIDC], ['Anna']).principal(anna), undefined);
    assert.equal(users([OIDC, source('ldap', 'an')]).principal(anna), undefined);
    assert.notEqual(users([OIDC]).principal(anna), undefined);
  });
});
