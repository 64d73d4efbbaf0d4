import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { before, describe, it } from 'mocha';
import {
  type Me,
  type StatusCode,
  me,
  recoveryCodes,
  totpBegun,
} from '../../server/contract/index.ts';
import { Authenticator } from '../support/authenticator.ts';
import { cleanUp } from '../support/dispose.ts';
import { PASSWORDS, TestGateway, type TestGatewayOptions } from '../support/gateway.ts';
import { GROUPS, type LdapPeer, PEOPLE, SUFFIX, startLdap } from '../support/ldap.ts';
import { logBook } from '../support/log-book.ts';
import { startRedis } from '../support/redis.ts';
import { auditOf, momentLater } from './support/audit.ts';
import { signedIn } from './support/people.ts';
import { problemOf } from './support/problem.ts';
import { sentCookie } from './support/session-cookie.ts';

/** Wrong tries are what this is about. */
const LIMITS = { tries: 1000 };

const ADMIN = logBook.secret(randomBytes(18).toString('base64url'));
const apiTokens = [
  { name: 'root', role: 'admin', tokenHash: createHash('sha256').update(ADMIN).digest('hex') },
];

const machine = (id: string, owner?: string) => ({
  id,
  ...(owner === undefined ? {} : { owner }),
  consoles: { vnc: { host: '127.0.0.1', port: 1 } },
});

describe('signing in by a directory', () => {
  const suite = cleanUp();
  const each = cleanUp('each');
  let ldap: LdapPeer;
  let gateway: TestGateway;
  let options: TestGatewayOptions;

  before(async function () {
    this.timeout(20_000);
    const [redis, started] = await Promise.all([
      suite.start(startRedis()),
      suite.start(
        startLdap({
          anna: ['acme', 'console-users'],
          ben: ['staff', 'acme'],
          carl: ['cafeteria'],
          dora: ['staff'],
          Admin: ['staff'],
        }),
      ),
    ]);
    ldap = started;
    const machines = [
      machine('acme-1'),
      machine('acme-2'),
      machine('b-1'),
      machine('hers', 'anna'),
    ];
    options = { redis, guacd: { host: '127.0.0.1', port: 1 }, machines };
    gateway = await serve(source());
  });

  /** A source as the configuration has it: groups by search, unless `changes` say otherwise. */
  const source = (changes: object = {}) => ({
    id: 'corp',
    url: ldap.url,
    ...ldap.service,
    userBase: PEOPLE,
    groupBase: GROUPS,
    groups: [
      { group: 'Staff', role: 'support' },
      { group: 'acme', machines: ['lab:{group}-*'] },
    ],
    ...changes,
  });

  const serve = (...sources: object[]): Promise<TestGateway> =>
    suite.start(
      TestGateway.start({ ...options, config: { apiTokens, ldap: sources, signIn: LIMITS } }),
    );
  const serveOnce = (...sources: object[]): Promise<TestGateway> =>
    each.start(
      TestGateway.start({ ...options, config: { apiTokens, ldap: sources, signIn: LIMITS } }),
    );

  const login = (username: string, password: string, at = gateway) =>
    at.call('POST', '/login', { body: { username, password } });

  async function signIn(uid: string, at = gateway, username = uid): Promise<{ cookie: string }> {
    const answer = await login(username, ldap.passwordOf(uid), at);
    assert.equal(answer.status, 200, await answer.text());
    return { cookie: sentCookie(answer) };
  }

  async function refused(
    username: string,
    password: string,
    code: StatusCode = 'credentials_invalid',
    at = gateway,
  ): Promise<void> {
    const status = { credentials_invalid: 401, sign_in_unavailable: 503 }[code as string] ?? 403;
    const answer = await login(username, password, at);
    assert.equal(answer.headers.get('set-cookie'), null);
    await problemOf(answer, status, code);
  }

  async function seen(answer: Response): Promise<Me> {
    return me.parse(await answer.json());
  }

  const who = async (headers: { cookie: string }, at = gateway) =>
    seen(await at.call('GET', '/me', { headers }));

  async function machinesOf(headers: { cookie: string }, at = gateway): Promise<string[]> {
    const { items } = (await (await at.call('GET', '/machines', { headers })).json()) as {
      items: { id: string }[];
    };
    return items.map(({ id }) => id).toSorted();
  }

  it('gives the role and the machines of the groups, and those that are one’s own', async () => {
    const anna = await signIn('anna');
    assert.deepEqual(await who(anna), { name: 'anna', role: 'customer' });
    assert.deepEqual(await machinesOf(anna), ['lab:acme-1', 'lab:acme-2', 'lab:hers']);
    const ben = await signIn('ben');
    assert.deepEqual(await who(ben), { name: 'ben', role: 'support' });
    assert.equal((await machinesOf(ben)).length, 4);
  });

  it('opens consoles of exactly those machines', async () => {
    const headers = await signIn('anna');
    const open = (id: string) =>
      gateway.call('POST', '/consoles', { headers, body: { machine: id } });
    const opened = await open('lab:acme-1');
    assert.equal(opened.status, 201);
    logBook.secret(new URL(((await opened.json()) as { url: string }).url).hash.slice(1));
    await problemOf(await open('lab:b-1'), 403, 'forbidden');
  });

  it('calls people as the directory does, however they write it', async () => {
    const anna = await signIn('anna', gateway, ' ANNA ');
    assert.equal((await who(anna)).name, 'anna');
  });

  it('ends with signing out', async () => {
    const headers = await signIn('anna');
    assert.equal((await gateway.call('POST', '/logout', { headers })).status, 204);
    await problemOf(await gateway.call('GET', '/me', { headers }), 401, 'unauthenticated');
  });

  it('is refused alike for a wrong name and a wrong password', async () => {
    const [name, password] = await Promise.all([
      login('nobody', ldap.passwordOf('anna')),
      login('anna', ldap.passwordOf('ben')),
    ]);
    assert.deepEqual(await name.json(), await password.json());
    assert.equal(name.status, 401);
    assert.equal(password.status, 401);
  });

  for (const username of [
    '*',
    'an*',
    'anna)(uid=*',
    '*)(uid=*',
    'anna\\2a',
    'anna\u0000',
    '(',
    '\\',
  ]) {
    it(`takes ${JSON.stringify(username)} for a name and not for a filter`, async () => {
      await refused(username, ldap.passwordOf('anna'));
    });
  }

  it('is not a bind without a password, which the directory would call a success', async () => {
    const answer = await login('anna', '');
    await problemOf(answer, 400, 'invalid_request');
    assert.equal(answer.headers.get('set-cookie'), null);
  });

  it('is not for who is in no group that is written down', async () => {
    await refused('carl', ldap.passwordOf('carl'), 'not_permitted');
  });

  it('can ask for a group besides', async () => {
    const at = await serveOnce(source({ requireGroup: `CN=console-users, ${GROUPS}` }));
    await signIn('anna', at);
    await refused('ben', ldap.passwordOf('ben'), 'not_permitted', at);
  });

  it('gives nobody the name of an entry that is gone', async () => {
    await signIn('dora');
    await ldap.replace('dora');
    await refused('dora', ldap.passwordOf('dora'), 'name_taken');
    await (await signedIn(gateway, 'admin')).delete('/api/v1/users/dora').expect(204);
    await signIn('dora');
  });

  it('is never the local account of that name', async () => {
    await refused('admin', ldap.passwordOf('Admin'));
    await refused('Admin', ldap.passwordOf('Admin'), 'name_taken');
    await refused('Admin@example.org', ldap.passwordOf('Admin'));
    const admin = await login('admin', PASSWORDS.admin);
    assert.deepEqual(await seen(admin), { name: 'admin', role: 'admin', mayHaveTokens: true });
  });

  it('tells people of two directories apart by a prefix', async () => {
    const other = each.add(await startLdap({ anna: ['chiefs'] }));
    const groups = [{ group: `cn=chiefs,${GROUPS}`, role: 'admin' }];
    const { url, service } = other;
    const second = { id: 'b', prefix: 'b/', url, ...service, userBase: PEOPLE, groups };
    const at = await serveOnce(source(), second);
    for (const [password, username, name, role] of [
      [ldap.passwordOf('anna'), 'anna', 'anna', 'customer'],
      [other.passwordOf('anna'), 'anna', 'b/anna', 'admin'],
      [other.passwordOf('anna'), 'B/anna', 'b/anna', 'admin'],
    ] as const) {
      const answer = await login(username, password, at);
      assert.deepEqual(await seen(answer), { name, role });
    }
    await refused('b/anna', ldap.passwordOf('anna'), 'credentials_invalid', at);
    await other.kill();
    await signIn('anna', at);
    await refused('anna', 'not the password', 'credentials_invalid', at);
    await refused('b/anna', 'not the password', 'sign_in_unavailable', at);
  }).timeout(15_000);

  it('takes no other directory’s password for somebody who is asked for theirs again', async () => {
    const other = each.add(await startLdap({ anna: ['chiefs'] }));
    const groups = [{ group: 'chiefs' }];
    const { url, service } = other;
    const bases = { userBase: PEOPLE, groupBase: GROUPS };
    const at = await serveOnce(source(), {
      id: 'c',
      prefix: 'c/',
      url,
      ...service,
      ...bases,
      groups,
    });
    const headers = await signIn('anna', at);
    const totp = (method: string, path: string, body: object) =>
      at.call(method, `/me/totp${path}`, { headers, body });
    const namesake = other.passwordOf('anna');
    const password = ldap.passwordOf('anna');
    const code = '000000';
    await problemOf(await totp('POST', '', { password: namesake }), 401, 'credentials_invalid');
    const app = new Authenticator(
      totpBegun.parse(await (await totp('POST', '', { password })).json()).uri,
    );
    const confirmed = await totp('POST', '/confirm', { code: app.code() });
    for (const left of recoveryCodes.parse(await confirmed.json()).recoveryCodes) {
      logBook.secret(left);
    }
    for (const [method, path] of [
      ['POST', '/recovery-codes'],
      ['DELETE', ''],
    ] as const) {
      const answer = await totp(method, path, { password: namesake, code });
      await problemOf(answer, 401, 'credentials_invalid');
    }
    const removed = await totp('DELETE', '', { password, code: app.code(1) });
    assert.equal(removed.status, 204);
  }).timeout(15_000);

  it('counts wrong tries by the person, however their name is written', async () => {
    const config = {
      apiTokens,
      ldap: [source()],
      signIn: { tries: 1 },
      listen: { port: 0, trustedProxies: ['127.0.0.1'] },
    };
    const at = await each.start(TestGateway.start({ ...options, config }));
    const from = (n: number, username: string, password: string, cookie = '') =>
      at.call('POST', '/login', {
        body: { username, password },
        headers: { 'X-Forwarded-For': `203.0.113.${n}`, cookie },
      });
    const password = ldap.passwordOf('ben');
    const home = await from(1, 'ben', password);
    assert.equal(home.status, 200);
    const device = home.headers.getSetCookie().find((line) => line.startsWith('rackside-device='));
    assert.ok(device);
    const spellings = ['ben', 'BEN', ' ben', 'Ben ', 'ｂｅｎ'];
    for (let n = 0; n < 10; n += 1) {
      const answer = await from(10 + n, spellings[n % spellings.length] ?? '', 'not the password');
      await problemOf(answer, 401, 'credentials_invalid');
    }
    for (const [n, username] of spellings.entries()) {
      await problemOf(await from(30 + n, username, password), 429, 'rate_limited');
      const known = await from(40 + n, username, password, device.split(';')[0]);
      assert.equal(known.status, 200, username);
    }
  });

  it('reads groups off the person too, by their whole names alone', async () => {
    const groups = [{ group: `cn=staff, ${GROUPS}`, role: 'admin' }, { group: 'acme' }];
    const at = await serveOnce(source({ groupBase: undefined, groups }));
    assert.equal((await who(await signIn('ben', at), at)).role, 'admin');
    await refused('anna', ldap.passwordOf('anna'), 'not_permitted', at);
  });

  it('finds people by another filter and calls them by another attribute', async () => {
    const userFilter = '(|(uid={username})(mail={username}))';
    const at = await serveOnce(source({ userFilter, nameAttribute: 'mail' }));
    const anna = await signIn('anna', at, 'anna@example.org');
    assert.equal((await who(anna, at)).name, 'anna@example.org');
  });

  it('is nobody where a name means several people', async () => {
    const at = await serveOnce(source({ userFilter: '(|(uid={username})(sn=ben))' }));
    await refused('anna', ldap.passwordOf('anna'), 'credentials_invalid', at);
    await refused('anna', ldap.passwordOf('ben'), 'credentials_invalid', at);
    await signIn('ben', at);
  });

  describe('over TLS', () => {
    it('goes by ldaps and by StartTLS', async () => {
      const { ca, ldapsUrl } = ldap;
      for (const changes of [{ url: ldapsUrl }, { startTls: true }]) {
        await signIn('anna', await serveOnce(source({ ca, ...changes })));
      }
    });

    it('tells no password to a server whose certificate is not trusted, or another’s', async () => {
      const { ca, ldapsUrl, url } = ldap;
      const byName = (text: string) => text.replace('127.0.0.1', 'localhost');
      for (const changes of [
        { url: ldapsUrl },
        { startTls: true },
        { ca, url: byName(ldapsUrl) },
        { ca, startTls: true, url: byName(url) },
      ]) {
        const at = await serveOnce(source(changes));
        await refused('anna', ldap.passwordOf('anna'), 'sign_in_unavailable', at);
      }
    });

    it('tells no password to a server that hangs up after StartTLS was asked for', async () => {
      let heard = '';
      let calls = 0;
      const server = createServer((socket) => {
        calls += 1;
        socket.on('error', () => undefined);
        socket.on('data', (data) => {
          heard += data.toString('latin1');
          socket.destroy();
        });
      }).listen(0, '127.0.0.1');
      await once(server, 'listening');
      each.add(() => server.close());
      const url = `ldap://127.0.0.1:${(server.address() as AddressInfo).port}`;
      const at = await serveOnce(source({ startTls: true, url }));
      await refused('anna', ldap.passwordOf('anna'), 'sign_in_unavailable', at);
      assert.equal(calls, 1);
      assert.ok(!heard.includes(ldap.service.bindPassword), 'the password in the open');
    });
  });

  describe('that does not work', () => {
    it('is said as such within its time, and keeps no local user out', async () => {
      const silent = createServer().listen(0, '127.0.0.1');
      await once(silent, 'listening');
      each.add(() => silent.close());
      const { port } = silent.address() as AddressInfo;
      const at = await serveOnce(source({ url: `ldap://127.0.0.1:${port}`, timeout: 0.3 }));
      const began = performance.now();
      await refused('anna', ldap.passwordOf('anna'), 'sign_in_unavailable', at);
      assert.ok(performance.now() - began < 2000);
      assert.equal((await login('alice', PASSWORDS.alice, at)).status, 200);
    });

    it('is so too when the service account is refused, or its base is not there', async () => {
      for (const changes of [
        { bindPassword: logBook.secret('not its password') },
        { userBase: `ou=nowhere,${SUFFIX}` },
        { bindDn: undefined, bindPassword: undefined },
      ]) {
        const at = await serveOnce(source(changes));
        await refused('anna', ldap.passwordOf('anna'), 'sign_in_unavailable', at);
      }
    });

    it('works again when the directory is back', async function () {
      this.timeout(15_000);
      await ldap.kill();
      await refused('anna', ldap.passwordOf('anna'), 'sign_in_unavailable');
      await ldap.restart();
      await signIn('anna');
    });
  });

  it('is in the audit trail with its source, refusals too', async () => {
    const since = await momentLater();
    const at = await serveOnce(source());
    await signIn('anna', at);
    await refused('carl', ldap.passwordOf('carl'), 'not_permitted', at);
    await refused('anna', 'not the password', 'credentials_invalid', at);
    const found = await auditOf(gateway, ADMIN, `action=login&since=${since}`, 3);
    const entries = found.map(({ who: name, result, detail }) => [name, result, detail]);
    assert.deepEqual(entries, [
      ['anna', 'ok', 'ldap corp'],
      ['carl', 'not_permitted', null],
      // Whether there is such a name in the directory is not asked: it may be a mistyped password.
      [null, 'credentials_invalid', null],
    ]);
  });
});
