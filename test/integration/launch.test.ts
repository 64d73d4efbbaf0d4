import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { type KeyObject, createSecretKey, generateKeyPairSync, randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { SignJWT } from 'jose';
import { before, describe, it } from 'mocha';
import { consoleView, redeemAnswer } from '../../server/contract/index.ts';
import { cleanUp } from '../support/dispose.ts';
import { API_TOKENS, type TestConsole, TestGateway } from '../support/gateway.ts';
import { startGuacd } from '../support/guacd.ts';
import { logBook } from '../support/log-book.ts';
import { startRedis } from '../support/redis.ts';
import type { ServerProcess } from '../support/server-process.ts';
import { makeTempDir } from '../support/temp-dir.ts';
import { until } from '../support/until.ts';
import { startVnc } from '../support/vnc.ts';
import { problemOf } from './support/problem.ts';
import { redisContent } from './support/redis-content.ts';

const run = promisify(execFile);
const SECRET = logBook.secret(randomBytes(24).toString('hex'));
const pairs = {
  RS256: generateKeyPairSync('rsa', { modulusLength: 2048 }),
  ES256: generateKeyPairSync('ec', { namedCurve: 'P-256' }),
  EdDSA: generateKeyPairSync('ed25519'),
};
const pem = (key: KeyObject) => key.export({ type: 'spki', format: 'pem' }).toString();
/** A person's name is text of one line that everybody can see whole. */
const NO_NAMES = [' ', 'a\nb', 'a\u0000', 'ali\u202ece', 'a\u200bb', '\ud800'];
const now = () => Math.floor(Date.now() / 1000);

describe('a launch link', () => {
  const suite = cleanUp();
  const each = cleanUp('each');
  let redis: ServerProcess & { url: string };
  let gateway: TestGateway;
  let other: TestGateway;

  before(async function () {
    this.timeout(40_000);
    const [guacd, vnc, started] = await Promise.all([
      suite.start(startGuacd()),
      suite.start(startVnc()),
      suite.start(startRedis({ appendOnly: true })),
    ]);
    redis = started;
    const { host, port } = vnc;
    const desk = { vnc: { host, port, password: logBook.secret(vnc.password) } };
    const machines = [
      { id: 'desk', owner: 'bob', consoles: { ...desk, ssh: { host, username: 'x' } } },
    ];
    const launch = [
      { issuer: 'portal', algorithm: 'HS256', secret: SECRET },
      { issuer: 'rsa', algorithm: 'RS256', publicKey: pem(pairs.RS256.publicKey) },
      { issuer: 'ec', algorithm: 'ES256', publicKey: pem(pairs.ES256.publicKey) },
      { issuer: 'ed', algorithm: 'EdDSA', publicKey: pem(pairs.EdDSA.publicKey) },
    ];
    const options = { redis, guacd, machines, config: { launch } };
    gateway = await suite.start(TestGateway.start(options));
    other = await suite.start(TestGateway.start(options));
  });

  const good = (): Record<string, unknown> => ({
    iss: 'portal',
    sub: 'alice',
    machine: 'lab:desk',
    exp: now() + 60,
    jti: randomBytes(9).toString('hex'),
  });
  /** As a portal signs; what is `undefined` in the claims is left out. */
  async function sign(
    claims: Record<string, unknown> = {},
    { alg = 'HS256', key = createSecretKey(Buffer.from(SECRET)) } = {},
  ): Promise<string> {
    const whole = JSON.parse(JSON.stringify({ ...good(), ...claims })) as Record<string, unknown>;
    return logBook.secret(await new SignJWT(whole).setProtectedHeader({ alg }).sign(key));
  }
  const follow = (jwt: string, init: RequestInit = {}, at = gateway) =>
    fetch(`${at.url}/launch?jwt=${jwt}`, { redirect: 'manual', ...init });
  const asBrowser = { headers: { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' } };

  /** Follows the redirection as the page does. */
  async function arrive(answer: Response): Promise<TestConsole> {
    assert.equal(answer.status, 303, await answer.clone().text());
    const url = new URL(answer.headers.get('location') ?? '');
    assert.equal(url.origin, gateway.url);
    const id = /^\/console\/([\w-]+)$/.exec(url.pathname)?.[1] ?? '';
    const launchKey = logBook.secret(url.hash.slice(1));
    const body = { key: launchKey };
    const redeemed = await gateway.call('POST', `/consoles/${id}/redeem`, { body });
    const { bearer, console: view } = redeemAnswer.parse(await redeemed.json());
    return { ...view, url: url.href, launchKey, bearer: logBook.secret(bearer) };
  }

  it('opens a console with a picture, in one click and for its user', async () => {
    const answer = await follow(await sign(), asBrowser);
    assert.equal(answer.headers.get('cache-control'), 'no-store');
    assert.equal(answer.headers.get('referrer-policy'), 'no-referrer');
    assert.equal(answer.headers.get('set-cookie'), null);
    const opened = await arrive(answer);
    assert.deepEqual(
      [opened.user, opened.machine, opened.kind, opened.readOnly],
      ['alice', 'lab:desk', 'vnc', false],
    );
    const tunnel = each.add(await gateway.tunnel(opened));
    await tunnel.pictured();
    const mine = async () => {
      const path = `/consoles/${opened.id}`;
      const view = await gateway.call('GET', path, { as: API_TOKENS.customer });
      return consoleView.parse(await view.json()).state === 'connected';
    };
    await until(mine, { timeout: 5000, what: 'a connected console that its user sees' });
  });

  it('carries kind, view-only, and times and audience as RFC 7519 has them', async () => {
    const more = { kind: 'ssh', readOnly: true, iat: now(), nbf: now() - 1 };
    const opened = await arrive(await follow(await sign({ ...more, aud: gateway.url })));
    assert.deepEqual([opened.kind, opened.readOnly], ['ssh', true]);
    await arrive(await follow(await sign({ aud: ['https://a.example', gateway.url] })));
  });

  for (const [iss, alg] of [
    ['rsa', 'RS256'],
    ['ec', 'ES256'],
    ['ed', 'EdDSA'],
  ] as const) {
    it(`may be signed with ${alg}`, async () => {
      await arrive(await follow(await sign({ iss }, { alg, key: pairs[alg].privateKey })));
    });
  }

  it('works once, on whichever replica, whoever comes at the same moment', async () => {
    const jwt = await sign();
    const answers = await Promise.all(
      [gateway, other, gateway, other, gateway, other].map((at) => follow(jwt, {}, at)),
    );
    const refused = answers.filter(({ status }) => status !== 303);
    assert.equal(refused.length, 5);
    for (const answer of refused) await problemOf(answer, 410, 'launch_link_used');
  });

  it('is the other portal’s own, when both use the same jti', async () => {
    const jti = 'the same';
    await arrive(await follow(await sign({ jti })));
    await arrive(await follow(await sign({ jti, iss: 'ed' }, ed())));
  });

  it('lies in Redis as its jti alone, and no longer than it must', async () => {
    const jti = randomBytes(9).toString('hex');
    const jwt = await sign({ jti });
    await arrive(await follow(jwt));
    const content = await redisContent(redis.url);
    const [used] = content.filter(({ key }) => key.endsWith(jti));
    assert.ok(used && used.ttl > 60 && used.ttl <= 126, `ttl is ${used?.ttl}`);
    assert.ok(!JSON.stringify(content).includes(jwt));
  });

  describe('is refused', () => {
    it('when its time is over, or further away than five minutes', async () => {
      await problemOf(await follow(await sign({ exp: now() - 6 })), 401, 'launch_link_expired');
      for (const exp of [now() + 307, now() + 86_400, 1e300]) {
        await problemOf(await follow(await sign({ exp })), 401, 'launch_link_invalid');
      }
      // The portal's clock may be a little ahead of ours, or behind.
      for (const exp of [now() - 3, now() + 303]) await arrive(await follow(await sign({ exp })));
    });

    it('when it is from nobody, for another gateway, not valid yet, or says too little', async () => {
      for (const claims of [
        { iss: 'stranger' },
        { iss: undefined },
        { iss: ['portal'] },
        { aud: 'https://elsewhere.example' },
        { nbf: now() + 30 },
        { exp: undefined },
        { exp: 'soon' },
        { jti: undefined },
      ]) {
        const answer = await follow(await sign(claims));
        await problemOf(answer, 401, 'launch_link_invalid');
      }
    });

    it('when the signature is another’s, or of another algorithm than the issuer’s', async () => {
      const forged = { key: createSecretKey(randomBytes(32)) };
      const { privateKey } = generateKeyPairSync('ed25519');
      // The classic: the public key, which is no secret, taken for one of HMAC.
      const confused = { key: createSecretKey(Buffer.from(pem(pairs.RS256.publicKey))) };
      const none = `${part({ alg: 'none' })}.${part(good())}.`;
      const [header, , signature] = (await sign()).split('.');
      for (const jwt of [
        await sign({}, forged),
        await sign({}, { alg: 'HS512', key: createSecretKey(Buffer.from(SECRET.repeat(2))) }),
        await sign({ iss: 'ed' }, { alg: 'EdDSA', key: privateKey }),
        await sign({ iss: 'rsa' }, confused),
        await sign({ iss: 'rsa' }, ed()),
        await sign({ iss: 'portal' }, ed()),
        none,
        `${header}.${part({ ...good(), sub: 'admin' })}.${signature}`,
        `${await sign()}x`,
      ]) {
        await problemOf(await follow(jwt), 401, 'launch_link_invalid');
      }
    });

    it('when there is no jwt that can be read', async () => {
      const jwt = await sign();
      for (const query of [
        '',
        '?jwt',
        '?jwt=',
        '?jwt=a.b.c',
        `?jwt=${jwt}&jwt=${jwt}`,
        '?jwt=%00',
      ]) {
        const answer = await fetch(`${gateway.url}/launch${query}`, { redirect: 'manual' });
        await problemOf(answer, 401, 'launch_link_invalid');
      }
      await problemOf(await follow('x'.repeat(9000)), 401, 'launch_link_invalid');
    });

    it('for a claim that is wrong or unknown, which is named', async () => {
      const long = 'x'.repeat(200);
      for (const [claims, path] of [
        [{ readOnly: 'yes' }, 'readOnly'],
        [{ readonly: true }, 'readonly'],
        [{ kind: 'spice' }, 'kind'],
        [{ machine: 7 }, 'machine'],
        [{ machine: undefined }, 'machine'],
        [{ sub: '' }, 'sub'],
        [{ sub: undefined }, 'sub'],
        ...NO_NAMES.map((sub) => [{ sub }, 'sub'] as const),
        [{ jti: long }, 'jti'],
        [{ jti: 7 }, 'jti'],
      ] as const) {
        const refused = await problemOf(await follow(await sign(claims)), 400, 'invalid_request');
        assert.deepEqual(
          refused.errors?.map((error) => error.path),
          [path],
        );
      }
    });

    it('for a machine that is not there or has no such console', async () => {
      const nowhere = await sign({ machine: 'lab:none' });
      await problemOf(await follow(nowhere), 404, 'machine_not_found');
      await problemOf(await follow(nowhere), 404, 'machine_not_found');
      const noKind = await sign({ kind: 'rdp' });
      await problemOf(await follow(noKind), 422, 'console_kind_unavailable');
    });

    it('by any method but GET, and is not used up by one who only looks', async () => {
      const jwt = await sign();
      const looked = await follow(jwt, { method: 'HEAD' });
      assert.deepEqual([looked.status, looked.headers.get('allow')], [405, 'GET']);
      await problemOf(await follow(jwt, { method: 'POST' }), 405, 'method_not_allowed');
      await arrive(await follow(jwt));
    });

    it('in words: a browser is led to the page that says it, on our own origin', async () => {
      for (const [jwt, code] of [
        [await sign({ exp: now() - 6 }), 'launch_link_expired'],
        ['https://evil.example', 'launch_link_invalid'],
        [await sign({ machine: 'lab:none' }), 'machine_not_found'],
        [await sign({ readonly: true }), 'invalid_request:readonly'],
        [await sign({ 'a b#': true }), 'invalid_request:a%20b%23'],
        [await sign({ closeUrl: 'https://portal.example/' }), 'invalid_request:closeUrl'],
      ] as const) {
        const answer = await follow(jwt, asBrowser);
        assert.equal(answer.status, 303);
        assert.equal(answer.headers.get('location'), `${gateway.url}/refused#${code}`);
        assert.equal(answer.headers.get('cache-control'), 'no-store');
      }
      const page = await fetch(`${gateway.url}/refused`, asBrowser);
      assert.equal(page.status, 200);
      assert.match(await page.text(), /<div id="app">/);
    });

    it('while Redis is away, and works when Redis is back', async function () {
      this.timeout(30_000);
      const jwt = await sign({ exp: now() + 120 });
      await redis.kill();
      await problemOf(await follow(jwt), 503, 'redis_unavailable');
      const led = await follow(jwt, asBrowser);
      assert.equal(led.headers.get('location'), `${gateway.url}/refused#redis_unavailable`);
      await redis.restart();
      let answer = await follow(jwt);
      while (answer.status === 503) answer = await follow(jwt);
      await arrive(answer);
    });
  });

  it('is made by the example in docs/portal.md', async () => {
    const guide = await readFile(new URL('../../docs/portal.md', import.meta.url), 'utf8');
    const example = /```js\n([\s\S]*?)```/.exec(guide)?.[1] ?? '';
    const dir = each.add(await makeTempDir('portal'));
    const file = join(dir.path, 'link.mjs');
    await writeFile(file, example);
    const env = { RACKSIDE_URL: gateway.url, LAUNCH_SECRET: SECRET };
    const { stdout } = await run(process.execPath, [file, 'lab:desk', 'alice'], { env });
    const link = logBook.secret(stdout.trim());
    const opened = await arrive(await fetch(link, { redirect: 'manual' }));
    assert.deepEqual([opened.machine, opened.user], ['lab:desk', 'alice']);
  });
});

function ed(): { alg: string; key: KeyObject } {
  return { alg: 'EdDSA', key: pairs.EdDSA.privateKey };
}

function part(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}
