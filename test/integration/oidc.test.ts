import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { createClient } from '@node-redis/client';
import { before, describe, it } from 'mocha';
import {
  type Me,
  type StatusCode,
  consoleView,
  createdConsole,
  me,
  signInMethods,
  totpStatus,
} from '../../server/contract/index.ts';
import { onFreePort } from '../../server/demo/loopback.ts';
import { cleanUp } from '../support/dispose.ts';
import { PASSWORDS, TestGateway, type TestGatewayOptions } from '../support/gateway.ts';
import { logBook } from '../support/log-book.ts';
import { type OidcPeer, signInAtProvider, startOidc } from '../support/oidc.ts';
import { startRedis } from '../support/redis.ts';
import { UserAgent } from '../support/user-agent.ts';
import { auditOf, momentLater } from './support/audit.ts';
import { type Name, signedIn } from './support/people.ts';
import { problemOf, problemOfTest } from './support/problem.ts';
import { redisContent } from './support/redis-content.ts';

const CALLBACK = '/api/v1/login/oidc/sso/callback';
const person = (name: string, ...groups: string[]) => ({ preferred_username: name, groups });
const ADMIN = logBook.secret(randomBytes(18).toString('base64url'));
const apiTokens = [
  { name: 'root', role: 'admin', tokenHash: createHash('sha256').update(ADMIN).digest('hex') },
];

const machine = (id: string, owner?: string) => ({
  id,
  ...(owner === undefined ? {} : { owner }),
  consoles: { vnc: { host: '127.0.0.1', port: 1 } },
});

describe('signing in at an OpenID Connect provider', () => {
  const suite = cleanUp();
  let provider: OidcPeer;
  let redisUrl: string;
  let gateway: TestGateway;
  let other: TestGateway;

  before(async function () {
    this.timeout(40_000);
    const redis = await suite.start(startRedis());
    redisUrl = redis.url;
    const machines = [machine('acme-1'), machine('b-1'), machine('hers', 'anna')];
    const options = { redis, guacd: { host: '127.0.0.1', port: 1 }, machines };
    // The provider has to know where the gateway is, and the gateway where the provider is.
    await onFreePort(async (port) => {
      const url = `http://127.0.0.1:${port}`;
      provider = await suite.start(
        startOidc({
          people: {
            anna: person('anna', '/customers/acme', 'users'),
            ben: person('ben', '/staff', '/customers/acme', 'users'),
            carl: person('carl', 'users'),
            dora: person('dora', '/staff'),
            eve: person('Admin', '/staff', 'users'),
            // One has left, the other has the name now.
            kim1: person('kim', '/staff', 'users'),
            kim2: person('Kim', '/customers/acme', 'users'),
            lee: person('Lee', '/customers/acme', 'users'),
            nameless: { groups: ['/staff', 'users'] },
            mail: { ...person('mail', '/staff', 'users'), email: 'm@x.org', email_verified: true },
            liar: { ...person('liar', '/staff', 'users'), email: 'm@x.org', email_verified: false },
          },
          redirectUris: ['sso', 'mail', 'b'].map((id) => `${url}/api/v1/login/oidc/${id}/callback`),
        }),
      );
      gateway = await suite.start(TestGateway.start({ ...options, config: config({ port }) }));
    });
    const replica = { ...config({ port: 0 }), publicUrl: gateway.url };
    other = await suite.start(TestGateway.start({ ...options, config: replica }));
  });

  const config = (listen: object): NonNullable<TestGatewayOptions['config']> => {
    const { issuer, clientId, clientSecret } = provider;
    const source = { id: 'sso', name: 'Example', issuer, clientId, clientSecret };
    const groups = [
      { group: '/staff', role: 'support' },
      { group: '/customers/*', machines: ['lab:{group}-*'] },
    ];
    const mail = { id: 'mail', prefix: 'mail:', nameClaim: 'email', scopes: ['profile', 'email'] };
    return {
      listen,
      apiTokens,
      oidc: [
        { ...source, groups, requireGroup: 'users' },
        { ...source, ...mail, groups },
      ],
    };
  };

  /** Begins in this browser; where the provider is to be met. */
  async function begin(browser: UserAgent, id = 'sso'): Promise<URL> {
    const answer = await browser.get(`${gateway.url}/api/v1/login/oidc/${id}`);
    assert.equal(answer.status, 303, await answer.text());
    return new URL(answer.headers.get('location') ?? '');
  }

  /** Goes through the provider; the callback's URL, which is not followed. */
  async function toCallback(name: string, browser: UserAgent, id = 'sso'): Promise<URL> {
    const at = await signInAtProvider(browser, (await begin(browser, id)).href, name);
    logBook.secret(at.searchParams.get('code') ?? 'no code at all');
    return at;
  }

  async function signIn(name: string, browser = new UserAgent(), id = 'sso'): Promise<UserAgent> {
    const answer = await browser.get((await toCallback(name, browser, id)).href);
    assert.deepEqual([answer.status, answer.headers.get('location')], [303, `${gateway.url}/`]);
    return browser;
  }

  /** A browser is led to a page in words, and is nobody. */
  async function refused(browser: UserAgent, url: URL | string, code: StatusCode): Promise<void> {
    const answer = await browser.get(String(url));
    assert.deepEqual(
      [answer.status, answer.headers.get('location')],
      [303, `${gateway.url}/refused?sign-in#${code}`],
    );
    assert.equal((await ask(browser, '/me')).status, 401);
  }

  const ask = (browser: UserAgent, path: string) =>
    browser.get(`${gateway.url}/api/v1${path}`, { headers: { accept: 'application/json' } });

  async function who(browser: UserAgent): Promise<Me> {
    return me.parse(await (await ask(browser, '/me')).json());
  }

  async function machinesOf(browser: UserAgent): Promise<string[]> {
    const { items } = (await (await ask(browser, '/machines')).json()) as {
      items: { id: string }[];
    };
    return items.map(({ id }) => id).toSorted();
  }

  it('is offered with its name and its URL', async () => {
    const offered = signInMethods.parse(await (await gateway.call('GET', '/sign-in')).json());
    const [sso] = offered.oidc;
    assert.equal(offered.password, true);
    assert.deepEqual(sso, {
      id: 'sso',
      name: 'Example',
      url: `${gateway.url}/api/v1/login/oidc/sso`,
    });
  });

  it('gives the role and exactly the machines of the groups', async () => {
    const anna = await signIn('anna');
    assert.deepEqual(await who(anna), { name: 'anna', role: 'customer' });
    assert.deepEqual(await machinesOf(anna), ['lab:acme-1', 'lab:hers']);
    const ben = await signIn('ben');
    assert.deepEqual(await who(ben), { name: 'ben', role: 'support' });
    assert.equal((await machinesOf(ben)).length, 3);
  });

  it('asks with PKCE, a state and a nonce of its own, for its own callback', async () => {
    const [one, two] = [await begin(new UserAgent()), await begin(new UserAgent())];
    assert.equal(one.origin, provider.issuer);
    const { state, nonce, code_challenge, ...rest } = Object.fromEntries(one.searchParams);
    assert.deepEqual(rest, {
      client_id: 'rackside',
      code_challenge_method: 'S256',
      redirect_uri: `${gateway.url}${CALLBACK}`,
      response_type: 'code',
      scope: 'openid profile',
    });
    for (const value of [state, nonce, code_challenge]) assert.equal(value?.length, 43);
    for (const name of ['state', 'nonce', 'code_challenge']) {
      assert.notEqual(one.searchParams.get(name), two.searchParams.get(name));
    }
  });

  it('leaves one-time codes to the provider', async () => {
    const browser = await signIn('anna');
    const totp = `${gateway.url}/api/v1/me/totp`;
    const status = totpStatus.parse(await (await ask(browser, '/me/totp')).json());
    assert.deepEqual([status.available, status.required, status.active], [false, false, false]);
    const init = {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ password: 'whatever it is' }),
    };
    await problemOf(await browser.get(totp, init), 403, 'forbidden');
  });

  it('begins a new session: one planted before is worth nothing', async () => {
    const browser = new UserAgent();
    const callback = await toCallback('anna', browser);
    const planted = browser.cookiesOf(gateway.url);
    assert.match(planted, /rackside=/);
    await browser.get(callback.href);
    assert.equal((await ask(browser, '/me')).status, 200);
    const old = await gateway.call('GET', '/me', { headers: { cookie: planted } });
    await problemOf(old, 401, 'unauthenticated');
  });

  describe('by a name that somebody else had', () => {
    const forget = async (name: string, by: Name = 'admin') =>
      (await signedIn(gateway, by)).delete(`/api/v1/users/${name}`);

    it('is refused, until an administrator says that they have left', async () => {
      const first = await signIn('kim1');
      const later = new UserAgent();
      await refused(later, await toCallback('kim2', later), 'name_taken');
      assert.equal((await who(first)).name, 'kim');

      problemOfTest(await forget('kim', 'support'), 403, 'forbidden');
      assert.equal((await forget('kim')).status, 204);
      problemOfTest(await forget('kim'), 404, 'not_found');
      assert.equal((await ask(first, '/me')).status, 401);

      assert.equal((await who(await signIn('kim2'))).name, 'Kim');
      await refused(first, await toCallback('kim1', first), 'name_taken');
    });

    it('is free with nothing left of who had it, however the administrator spells it', async () => {
      const lee = await signIn('lee');
      const opening = await lee.get(`${gateway.url}/api/v1/consoles`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ machine: 'lab:acme-1' }),
      });
      const { id, url } = createdConsole.parse(await opening.json());
      logBook.secret(new URL(url).hash.slice(1));
      assert.equal((await forget('LEE')).status, 204);
      assert.equal((await ask(lee, '/me')).status, 401);
      const left = await gateway.call('GET', `/consoles/${id}`, { as: ADMIN });
      assert.equal(consoleView.parse(await left.json()).state, 'closed');
      const people = (await redisContent(redisUrl)).filter(({ key }) => /people/.test(key));
      assert.ok(
        people.every(({ key, text }) => !/lee/i.test(key + text)),
        JSON.stringify(people),
      );
    });

    it('is no reason to forget a user of the configuration', async () => {
      problemOfTest(await forget('alice'), 404, 'not_found');
    });
  });

  it('ends with signing out', async () => {
    const browser = await signIn('anna');
    const out = await browser.get(`${gateway.url}/api/v1/logout`, { method: 'POST' });
    assert.equal(out.status, 204);
    assert.equal((await ask(browser, '/me')).status, 401);
  });

  it('may be finished on another replica', async () => {
    const browser = new UserAgent();
    const { search } = await toCallback('anna', browser);
    const headers = { cookie: browser.cookiesOf(gateway.url) };
    const answer = await fetch(`${other.url}${CALLBACK}${search}`, { headers, redirect: 'manual' });
    assert.equal(answer.headers.get('location'), `${gateway.url}/`);
  });

  it('may be begun in several tabs of one browser', async () => {
    const browser = new UserAgent();
    const [one, two] = [await toCallback('anna', browser), await toCallback('anna', browser)];
    assert.equal((await browser.get(one.href)).headers.get('location'), `${gateway.url}/`);
    assert.deepEqual(await who(browser), { name: 'anna', role: 'customer' });
    assert.notEqual(one.searchParams.get('state'), two.searchParams.get('state'));
  });

  describe('is refused', () => {
    const changed = (url: URL, name: string, value: string | null): URL => {
      const result = new URL(url);
      if (value === null) result.searchParams.delete(name);
      else result.searchParams.set(name, value);
      return result;
    };

    it('in another browser than it was begun in', async () => {
      const callback = await toCallback('anna', new UserAgent());
      await refused(new UserAgent(), callback, 'sign_in_expired');
      const elsewhere = new UserAgent();
      await begin(elsewhere);
      await refused(elsewhere, callback, 'sign_in_expired');
    });

    it('with another state, or none', async () => {
      const browser = new UserAgent();
      const callback = await toCallback('anna', browser);
      for (const state of ['x'.repeat(43), '', null]) {
        await refused(browser, changed(callback, 'state', state), 'sign_in_expired');
      }
      await refused(browser, `${gateway.url}${CALLBACK}`, 'sign_in_expired');
      const twice = await browser.get(`${callback.href}&state=x`);
      await problemOf(twice, 400, 'invalid_request');
    });

    it('a second time, whoever comes at the same moment', async () => {
      const browser = new UserAgent();
      const callback = await toCallback('anna', browser);
      const headers = { cookie: browser.cookiesOf(gateway.url) };
      const answers = await Promise.all(
        [gateway, other, gateway, other].map((at) => {
          const url = `${at.url}${CALLBACK}${callback.search}`;
          return fetch(url, { headers, redirect: 'manual' });
        }),
      );
      assert.equal(answers.filter(({ status }) => status === 303).length, 1);
      await refused(new UserAgent(), callback, 'sign_in_expired');
    });

    it('when it took too long', async () => {
      const browser = new UserAgent();
      const callback = await toCallback('anna', browser);
      await expireSignIns();
      await refused(browser, callback, 'sign_in_expired');
    });

    it('for a code that is another’s', async () => {
      const [anna, ben] = [new UserAgent(), new UserAgent()];
      const stolen = (await toCallback('ben', ben)).searchParams.get('code');
      await refused(
        anna,
        changed(await toCallback('anna', anna), 'code', stolen),
        'sign_in_failed',
      );
    });

    it('from another issuer than the one that was asked (RFC 9207)', async () => {
      for (const iss of ['https://evil.example', null]) {
        const browser = new UserAgent();
        const callback = await toCallback('anna', browser);
        assert.equal(callback.searchParams.get('iss'), provider.issuer);
        await refused(browser, changed(callback, 'iss', iss), 'sign_in_failed');
      }
    });

    for (const name of ['nonce', 'code_challenge']) {
      it(`with a ${name} that is not this sign-in’s`, async () => {
        const browser = new UserAgent();
        const planted = changed(await begin(browser), name, 'x'.repeat(43));
        const callback = await signInAtProvider(browser, planted.href, 'anna');
        logBook.secret(callback.searchParams.get('code') ?? '');
        await refused(browser, callback, 'sign_in_failed');
      });
    }

    it('by the provider, with its reason in the log', async () => {
      const browser = new UserAgent();
      const asked = await begin(browser);
      const answer = `${gateway.url}${CALLBACK}?error=access_denied&iss=${provider.issuer}`;
      const at = logBook.text.length;
      const url = `${answer}&state=${asked.searchParams.get('state')}`;
      await refused(browser, url, 'sign_in_failed');
      assert.match(logBook.text.slice(at), /oidc sso: the provider says access_denied/);
    });

    const notLetIn: [string, string, StatusCode][] = [
      ['carl', 'without a group that is written down', 'not_permitted'],
      ['dora', 'without the group that is required', 'not_permitted'],
      ['nameless', 'without a name', 'not_permitted'],
      ['eve', 'with the name of a local account', 'name_taken'],
    ];
    for (const [name, what, code] of notLetIn) {
      it(what, async () => {
        const browser = new UserAgent();
        await refused(browser, await toCallback(name, browser), code);
      });
    }

    it('with an address for a name that the provider has not verified', async () => {
      assert.deepEqual(await who(await signIn('mail', new UserAgent(), 'mail')), {
        name: 'mail:m@x.org',
        role: 'support',
      });
      const browser = new UserAgent();
      await refused(browser, await toCallback('liar', browser, 'mail'), 'not_permitted');
    });

    it('at a provider that is not there; a program is told by a problem', async () => {
      const unknown = await gateway.call('GET', '/login/oidc/nowhere');
      await problemOf(unknown, 404, 'not_found');
      await refused(new UserAgent(), `${gateway.url}/api/v1/login/oidc/nowhere`, 'not_found');
    });

    it('by any method but GET, and a look by HEAD uses nothing up', async () => {
      const browser = new UserAgent();
      const callback = await toCallback('anna', browser);
      for (const method of ['HEAD', 'POST']) {
        const answer = await browser.get(callback.href, { method });
        assert.deepEqual([answer.status, answer.headers.get('allow')], [405, 'GET']);
      }
      assert.equal((await browser.get(callback.href)).headers.get('location'), `${gateway.url}/`);
    });
  });

  it('leads nowhere but to the provider and back home, whatever a link asks for', async () => {
    const browser = new UserAgent();
    const evil = 'https://evil.example/';
    const url = `${gateway.url}/api/v1/login/oidc/sso`;
    for (const name of ['redirect_uri', 'returnTo', 'next']) {
      await problemOf(await browser.get(`${url}?${name}=${evil}`), 400, 'invalid_request');
    }
    const answer = await browser.get(url, {
      headers: { 'x-forwarded-host': 'evil.example', 'x-forwarded-proto': 'https' },
    });
    const asked = new URL(answer.headers.get('location') ?? '');
    assert.equal(asked.searchParams.get('redirect_uri'), `${gateway.url}${CALLBACK}`);
    assert.equal(asked.origin, provider.issuer);
    assert.ok(!asked.href.includes('evil'));
  });

  it('is in the audit trail with its source, refusals too', async () => {
    const since = await momentLater();
    await signIn('anna');
    const browser = new UserAgent();
    await refused(browser, await toCallback('carl', browser), 'not_permitted');
    const found = await auditOf(gateway, ADMIN, `action=login&since=${since}`, 2);
    const entries = found.map(({ who: name, result, detail }) => [name, result, detail]);
    assert.deepEqual(entries, [
      ['anna', 'ok', 'oidc sso'],
      ['carl', 'not_permitted', 'oidc sso'],
    ]);
  });

  it('cannot be done while the provider is away, keeps no local user out, and comes back', async function () {
    this.timeout(20_000);
    await provider.kill();
    const fresh = await suite.start(
      TestGateway.start({
        redis: { url: redisUrl },
        guacd: { host: '127.0.0.1', port: 1 },
        machines: [],
        config: config({ port: 0 }),
      }),
    );
    const away = () => fresh.call('GET', '/login/oidc/sso');
    await problemOf(await away(), 503, 'sign_in_unavailable');
    const body = { username: 'alice', password: PASSWORDS.alice };
    assert.equal((await fresh.call('POST', '/login', { body })).status, 200);
    const browser = new UserAgent();
    const { searchParams } = await begin(browser);
    const answer = `?code=x&iss=${provider.issuer}&state=${searchParams.get('state')}`;
    await refused(browser, `${gateway.url}${CALLBACK}${answer}`, 'sign_in_unavailable');
    await provider.restart();
    assert.equal((await away()).status, 303);
    await signIn('anna');
  });

  /** The last, for nobody gets in after it. */
  describe('from one address', () => {
    it('is begun only so often, on all replicas together', async () => {
      const begins = await Promise.all(
        Array.from({ length: 110 }, (_, n) =>
          ([gateway, other][n % 2] ?? gateway).call('GET', '/login/oidc/sso'),
        ),
      );
      const late = begins.filter(({ status }) => status === 429);
      assert.ok(late.length >= 10, `${late.length} were refused`);
      for (const answer of late) await problemOf(answer, 429, 'rate_limited');
    });
  });

  /** As if the ten minutes were over. */
  async function expireSignIns(): Promise<void> {
    const client = createClient({ url: redisUrl });
    await client.connect();
    for (const { key } of await redisContent(redisUrl)) {
      if (!key.startsWith('rackside:session:')) continue;
      const session = JSON.parse((await client.get(key)) ?? '{}') as {
        signIns?: { until: number }[];
      };
      const now = Date.now();
      for (const one of session.signIns ?? []) {
        assert.ok(one.until > now + 590_000 && one.until <= now + 600_000);
        one.until = now;
      }
      await client.set(key, JSON.stringify(session), { expiration: 'KEEPTTL' });
    }
    await client.close();
  }
});
