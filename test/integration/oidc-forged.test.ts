import assert from 'node:assert/strict';
import { before, describe, it } from 'mocha';
import { me } from '../../server/contract/index.ts';
import { ForgingOidc, type IdToken } from '../simulators/forging-oidc.ts';
import { cleanUp } from '../support/dispose.ts';
import { TestGateway } from '../support/gateway.ts';
import { startRedis } from '../support/redis.ts';
import { UserAgent } from '../support/user-agent.ts';

describe('an ID token', () => {
  const suite = cleanUp();
  let oidc: ForgingOidc;
  let gateway: TestGateway;

  before(async function () {
    this.timeout(20_000);
    const redis = await suite.start(startRedis());
    oidc = await suite.start(ForgingOidc.start());
    const { issuer, ca } = oidc;
    const source = { id: 'sso', issuer, ca, clientId: 'rackside', defaultRole: 'customer' };
    const guacd = { host: '127.0.0.1', port: 1 };
    const distrusting = { ...source, id: 'distrusting', ca: undefined, prefix: 'x' };
    const config = { oidc: [source, distrusting] };
    gateway = await suite.start(TestGateway.start({ redis, guacd, machines: [], config }));
  });

  /** Where a sign-in ends whose ID token is forged so. */
  async function signIn(forge: (good: IdToken) => IdToken): Promise<[UserAgent, string | null]> {
    const browser = new UserAgent();
    const begun = await browser.get(`${gateway.url}/api/v1/login/oidc/sso`);
    const asked = new URL(begun.headers.get('location') ?? '').searchParams;
    oidc.nonce = asked.get('nonce') ?? '';
    oidc.forge = forge;
    const answer = `?code=c&state=${asked.get('state')}`;
    const callback = `${gateway.url}/api/v1/login/oidc/sso/callback${answer}`;
    return [browser, (await browser.get(callback)).headers.get('location')];
  }

  const claiming = (changes: object) => (good: IdToken) => ({
    ...good,
    claims: { ...good.claims, ...changes },
  });
  const now = () => Math.floor(Date.now() / 1000);

  it('that is good signs in, over TLS with the configured certificate', async () => {
    const [browser, end] = await signIn((good) => good);
    assert.equal(end, `${gateway.url}/`);
    const answer = await browser.get(`${gateway.url}/api/v1/me`);
    assert.equal(me.parse(await answer.json()).name, 'anna');
  });

  it('may be of a clock that is 20 seconds off', async () => {
    const [, end] = await signIn(claiming({ iat: now() - 80, exp: now() - 20 }));
    assert.equal(end, `${gateway.url}/`);
  });

  const forged: [string, (good: IdToken) => IdToken][] = [
    ['signed by a stranger', (good) => ({ ...good, signedBy: 'stranger' })],
    ['signed by nobody', (good) => ({ ...good, alg: 'none', signedBy: 'nobody' })],
    ['without a signature', (good) => ({ ...good, signedBy: 'nobody' })],
    ['for another client', claiming({ aud: 'another' })],
    ['of another issuer', claiming({ iss: 'https://evil.example' })],
    ['of another sign-in', claiming({ nonce: 'another' })],
    ['of no sign-in', claiming({ nonce: undefined })],
    ['of somebody without a subject', claiming({ sub: undefined })],
  ];
  for (const [what, forge] of forged) {
    it(`${what} signs nobody in`, async () => {
      const [browser, end] = await signIn(forge);
      assert.equal(end, `${gateway.url}/refused?sign-in#sign_in_failed`);
      assert.equal((await browser.get(`${gateway.url}/api/v1/me`)).status, 401);
    });
  }

  it('that is over signs nobody in', async () => {
    const [, end] = await signIn(claiming({ iat: now() - 120, exp: now() - 60 }));
    assert.equal(end, `${gateway.url}/refused?sign-in#sign_in_failed`);
  });

  it('is not asked for where the certificate is not trusted', async () => {
    const answer = await gateway.call('GET', '/login/oidc/distrusting');
    assert.equal(answer.status, 503);
  });
});
