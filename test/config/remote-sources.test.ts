import assert from 'node:assert/strict';
import { parseConfig } from '../../server/config.ts';

const OIDC = {
  id: 'sso',
  issuer: 'https://id.example',
  clientId: 'rackside',
  defaultRole: 'customer',
};
const LDAP = {
  id: 'corp',
  url: 'ldaps://ldap.example',
  userBase: 'ou=people,dc=example',
  defaultRole: 'customer',
  prefix: 'corp:',
};

describe('sources of people in the configuration', () => {
  it('need little', () => {
    const { oidc, ldap } = parseConfig({ oidc: [OIDC], ldap: [LDAP] }, 'file');
    assert.equal(oidc[0]?.issuer.href, 'https://id.example/');
    assert.deepEqual(
      [oidc[0]?.nameClaim, oidc[0]?.groupsClaim, oidc[0]?.scopes],
      ['preferred_username', 'groups', ['profile']],
    );
    assert.deepEqual(
      [ldap[0]?.userFilter, ldap[0]?.groupFilter, ldap[0]?.timeout],
      ['(uid={username})', '(member={dn})', 5],
    );
  });

  it('may be unencrypted on this machine alone', () => {
    for (const host of ['localhost', '127.0.0.1', '[::1]']) {
      const near = {
        oidc: [{ ...OIDC, issuer: `http://${host}:3000/realm` }],
        ldap: [{ ...LDAP, url: `ldap://${host}:389` }],
      };
      assert.equal(parseConfig(near, 'file').ldap.length, 1);
    }
    const startTls = { ldap: [{ ...LDAP, url: 'ldap://ldap.example', startTls: true }] };
    assert.equal(parseConfig(startTls, 'file').ldap.length, 1);
  });

  const bind = { bindDn: 'cn=rackside' };
  const faults: [string, object, RegExp][] = [
    [
      'an issuer in the open',
      { oidc: [{ ...OIDC, issuer: 'http://id.example' }] },
      /oidc\.0\.issuer: expected https/,
    ],
    [
      'an issuer that only looks near',
      { oidc: [{ ...OIDC, issuer: 'http://127.0.0.1.example' }] },
      /oidc\.0\.issuer/,
    ],
    [
      'an issuer with a query',
      { oidc: [{ ...OIDC, issuer: 'https://id.example/?a' }] },
      /oidc\.0\.issuer/,
    ],
    [
      'a directory in the open',
      { ldap: [{ ...LDAP, url: 'ldap://ldap.example' }] },
      /ldap\.0\.url: .*readable/,
    ],
    ['TLS twice', { ldap: [{ ...LDAP, startTls: true }] }, /ldap\.0\.startTls/],
    ['a base in the URL', { ldap: [{ ...LDAP, url: 'ldaps://a/dc=x' }] }, /ldap\.0\.url/],
    ['half an account', { ldap: [{ ...LDAP, ...bind }] }, /ldap\.0\.bindPassword: .*together/],
    [
      'a filter for everybody',
      { ldap: [{ ...LDAP, userFilter: '(uid=*)' }] },
      /userFilter: .*\{username\}/,
    ],
    ['a filter that is none', { ldap: [{ ...LDAP, userFilter: 'uid={username}' }] }, /userFilter/],
    [
      'nobody who may come in',
      { ldap: [{ ...LDAP, defaultRole: 'none' }] },
      /ldap\.0\.groups: nobody could/,
    ],
    [
      'an unknown role',
      { oidc: [{ ...OIDC, groups: [{ group: 'a', role: 'root' }] }] },
      /oidc\.0\.groups\.0\.role/,
    ],
    [
      'a group with two stars',
      { oidc: [{ ...OIDC, groups: [{ group: '*a*' }] }] },
      /oidc\.0\.groups\.0\.group/,
    ],
    ['staff by default', { oidc: [{ ...OIDC, defaultRole: 'support' }] }, /oidc\.0\.defaultRole/],
    [
      'certificates that are none',
      { oidc: [{ ...OIDC, ca: 'AAAA' }] },
      /oidc\.0\.ca: expected certificates/,
    ],
    [
      'one prefix for two',
      { oidc: [OIDC], ldap: [{ ...LDAP, prefix: '' }] },
      /ldap\.0\.prefix: .*oidc sso/,
    ],
    ['one id for two', { oidc: [OIDC, { ...OIDC, prefix: 'b' }] }, /oidc\.1\.id: duplicate/],
    ['an unknown key', { oidc: [{ ...OIDC, client_id: 'a' }] }, /oidc\.0\.client_id: unknown key/],
  ];
  for (const [what, tree, message] of faults) {
    it(`cannot have ${what}`, () => assert.throws(() => parseConfig(tree, 'file'), message));
  }
});
