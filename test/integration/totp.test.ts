import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { hash } from '@node-rs/argon2';
import { before, describe, it } from 'mocha';
import { me, recoveryCodes, totpStatus } from '../../server/contract/index.ts';
import { Authenticator } from '../support/authenticator.ts';
import { cleanUp } from '../support/dispose.ts';
import { API_TOKENS, PASSWORDS, TestGateway, testConfig } from '../support/gateway.ts';
import { startGuacd } from '../support/guacd.ts';
import { logBook } from '../support/log-book.ts';
import { startRedis } from '../support/redis.ts';
import { begin, browserAt, enrol, login, signedIn } from './support/people.ts';
import { problemOf, problemOfTest } from './support/problem.ts';
import { redisContent } from './support/redis-content.ts';

const TOTP = '/api/v1/me/totp';

describe('one-time codes', () => {
  const suite = cleanUp();
  let redis: { url: string };
  let one: TestGateway;
  let other: TestGateway;
  /** Where support must enrol, and eve by her own entry; its keys are new, the old ones still known. */
  let strict: TestGateway;

  before(async () => {
    const guacd = await suite.start(startGuacd());
    redis = await suite.start(startRedis());
    const options = { redis, guacd, machines: [] };
    const start = (config: object) => suite.start(TestGateway.start({ ...options, config }));
    const plain = (await testConfig(options)) as { users: object[]; keys: object[] };
    const eve = {
      name: 'eve',
      role: 'customer',
      totp: 'required',
      passwordHash: await hash(EVES, { memoryCost: 8, timeCost: 1, parallelism: 1 }),
    };
    const fresh = { id: 'fresh', secret: logBook.secret(randomBytes(32).toString('base64')) };
    [one, other, strict] = await Promise.all([
      start({}),
      start({}),
      start({
        signIn: { totp: ['support'] },
        users: [...plain.users, eve],
        keys: [fresh, ...plain.keys],
      }),
    ]);
  });

  const EVES = logBook.secret(randomBytes(12).toString('hex'));

  it('are asked for after the right password alone, and are right once, on every replica', async () => {
    const { app } = await enrol(await signedIn(one, 'alice'), 'alice');
    problemOfTest(
      await login(browserAt(one), 'alice', { password: 'wrong', totp: app.code(1) }),
      401,
      'credentials_invalid',
    );
    problemOfTest(await login(browserAt(one), 'alice'), 401, 'totp_required');
    const totp = app.code(1);
    const answers = await Promise.all(
      [one, other, one, other].map((gateway) => login(browserAt(gateway), 'alice', { totp })),
    );
    const count = (status: number) => answers.filter((answer) => answer.status === status).length;
    assert.deepEqual([count(200), count(401)], [1, 3]);
    problemOfTest(await login(browserAt(other), 'alice', { totp }), 401, 'totp_wrong');
    // The one that it was enrolled by, and a step before: both are over.
    problemOfTest(await login(browserAt(one), 'alice', { totp: app.code() }), 401, 'totp_wrong');
    problemOfTest(
      await login(browserAt(one), 'alice', { totp: app.wrongCode() }),
      401,
      'totp_wrong',
    );
  });

  it('begin only with the password, and count only once one was given', async () => {
    const browser = await signedIn(one, 'bob');
    problemOfTest(
      await browser.post(TOTP).send({ password: 'wrong-one' }),
      401,
      'credentials_invalid',
    );
    problemOfTest(await browser.post(TOTP).send({}), 400, 'invalid_request');
    problemOfTest(
      await browser.post(`${TOTP}/confirm`).send({ code: '123456' }),
      409,
      'totp_not_begun',
    );
    const { begun, app } = await begin(browser, 'bob');
    const uri = new URL(begun.uri);
    assert.equal(`${uri.protocol}//${uri.host}`, 'otpauth://totp');
    assert.match(decodeURIComponent(uri.pathname), /^\/Rackside 127\.0\.0\.1:bob$/);
    assert.equal(uri.searchParams.get('secret'), begun.secret);
    assert.match(begun.secret, /^[A-Z2-7]{32}$/);
    await login(browserAt(one), 'bob').expect(200);
    const wrong = await browser.post(`${TOTP}/confirm`).send({ code: app.wrongCode() });
    problemOfTest(wrong, 401, 'totp_wrong');
    assert.equal(totpStatus.parse((await browser.get(TOTP)).body).active, false);

    // Begun anew, the first secret is worth nothing.
    const { app: second } = await begin(browser, 'bob');
    problemOfTest(
      await browser.post(`${TOTP}/confirm`).send({ code: app.code() }),
      401,
      'totp_wrong',
    );
    const answers = await Promise.all(
      Array.from({ length: 5 }, () =>
        browser.post(`${TOTP}/confirm`).send({ code: second.code() }),
      ),
    );
    const won = answers.filter(({ status }) => status === 200);
    assert.equal(won.length, 1, 'of confirmations at once one gives the codes');
    for (const lost of answers.filter(({ status }) => status !== 200)) {
      problemOfTest(lost, 409, 'totp_active');
    }
    const { recoveryCodes: codes } = recoveryCodes.parse(won[0]?.body);
    for (const code of codes) logBook.secret(code);
    problemOfTest(await browser.post(TOTP).send({ password: PASSWORDS.bob }), 409, 'totp_active');
    await login(browserAt(one), 'bob', { totp: codes[0] ?? '' }).expect(200);
  });

  it('give way to a recovery code, each once, however it is written', async () => {
    const browser = await signedIn(one, 'admin');
    const { app, codes } = await enrol(browser, 'admin');
    assert.equal(codes.length, 10);
    assert.equal(new Set(codes).size, 10);
    const [first = '', second = '', third = ''] = codes;
    const answers = await Promise.all(
      [one, other, one].map((gateway) => login(browserAt(gateway), 'admin', { totp: first })),
    );
    assert.equal(answers.filter(({ status }) => status === 200).length, 1);
    problemOfTest(await login(browserAt(one), 'admin', { totp: first }), 401, 'totp_wrong');
    const untidy = ` ${second.toUpperCase().replace('-', ' ')} `;
    await login(browserAt(other), 'admin', { totp: untidy }).expect(200);
    assert.equal(totpStatus.parse((await browser.get(TOTP)).body).recoveryCodesLeft, 8);

    const proof = { password: PASSWORDS.admin, code: app.code(1) };
    const renewed = await browser.post(`${TOTP}/recovery-codes`).send(proof).expect(200);
    const { recoveryCodes: fresh } = recoveryCodes.parse(renewed.body);
    for (const code of fresh) logBook.secret(code);
    problemOfTest(await login(browserAt(one), 'admin', { totp: third }), 401, 'totp_wrong');

    const wanting = [
      { password: 'wrong-one', code: fresh[0] },
      { password: PASSWORDS.admin, code: third },
    ];
    for (const body of wanting) {
      assert.equal((await browser.delete(TOTP).send(body)).status, 401);
    }
    problemOfTest(
      await browser.delete(TOTP).send({ password: PASSWORDS.admin }),
      400,
      'invalid_request',
    );
    const full = { password: PASSWORDS.admin, code: fresh[0] };
    await browser.delete(TOTP).send(full).expect(204);
    await login(browserAt(one), 'admin').expect(200);
  });

  it('must be enrolled for first where the role or the account wants it', async () => {
    const browser = browserAt(strict);
    const answer = await login(browser, 'support').expect(200);
    assert.equal(me.parse(answer.body).mustEnrolTotp, true);
    for (const path of ['/machines', '/consoles', '/machines/lab:x']) {
      const refused = await browser.get(`/api/v1${path}`);
      problemOfTest(refused, 403, 'totp_enrolment_required');
    }
    const opening = browser.post('/api/v1/consoles').send({ machine: 'lab:x' });
    problemOfTest(await opening, 403, 'totp_enrolment_required');
    assert.deepEqual((await browser.get('/api/v1/me')).body, {
      name: 'support',
      role: 'support',
      mustEnrolTotp: true,
    });
    await enrol(browser, 'support');
    await browser.get('/api/v1/machines').expect(200);
    assert.equal('mustEnrolTotp' in (await browser.get('/api/v1/me')).body, false);

    const eve = await login(browserAt(strict), 'eve', { password: EVES }).expect(200);
    assert.equal(me.parse(eve.body).mustEnrolTotp, true);
    const free = await login(browserAt(one), 'alice', { password: 'x' });
    assert.equal(free.status, 401);
  });

  it('are reset by an administrator alone, which ends the user’s sessions', async () => {
    const reset = (as: string, name: string) => one.call('DELETE', `/users/${name}/totp`, { as });
    await problemOf(await reset(API_TOKENS.portal, 'support'), 403, 'forbidden');
    await problemOf(await reset(API_TOKENS.customer, 'support'), 403, 'forbidden');
    problemOfTest(
      await browserAt(one).delete('/api/v1/users/support/totp'),
      401,
      'unauthenticated',
    );
    const admin = await signedIn(one, 'admin');
    const browser = await signedIn(one, 'admin');
    problemOfTest(await admin.delete('/api/v1/users/nobody/totp'), 409, 'totp_not_active');
    await enrol(browser, 'admin');
    await admin.delete('/api/v1/users/admin/totp').expect(204);
    problemOfTest(await browser.get('/api/v1/me'), 401, 'unauthenticated');
    await login(browserAt(one), 'admin').expect(200);
  });

  it('are of people, not of tokens', async () => {
    for (const [method, path] of [
      ['GET', '/me/totp'],
      ['POST', '/me/totp'],
      ['GET', '/me/sessions'],
      ['DELETE', '/me/sessions'],
    ] as const) {
      const answer = await one.call(method, path, { as: API_TOKENS.portal });
      await problemOf(answer, 403, 'forbidden');
    }
  });

  it('outlive new keys: what the old one encrypted is encrypted anew', async () => {
    const { begun } = await begin(await signedIn(one, 'admin'), 'admin');
    const app = new Authenticator(begun.uri);
    const confirm = { code: app.code() };
    const browser = await signedIn(one, 'admin');
    const { body } = await browser.post(`${TOTP}/confirm`).send(confirm).expect(200);
    for (const code of recoveryCodes.parse(body).recoveryCodes) logBook.secret(code);
    const keyId = async () => {
      const entry = (await redisContent(redis.url)).find(
        ({ key }) => key === 'rackside:totp:admin',
      );
      const { secret = '' } = JSON.parse(entry?.text ?? '{}') as { secret?: string };
      return JSON.parse(Buffer.from(secret.split('.')[0] ?? '', 'base64url').toString()).kid;
    };
    assert.equal(await keyId(), 'test');
    await login(browserAt(strict), 'admin', { totp: app.code(1) }).expect(200);
    assert.equal(await keyId(), 'fresh');
  });

  it('leave no secret in Redis that can be read', async () => {
    const content = await redisContent(redis.url);
    assert.ok(content.some(({ key }) => key.startsWith('rackside:totp:')));
    for (const { key, text } of content) logBook.assertHoldsNoSecret(text, key);
  });
});
