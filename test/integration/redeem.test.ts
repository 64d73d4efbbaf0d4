import assert from 'node:assert/strict';
import { before, describe, it } from 'mocha';
import supertest from 'supertest';
import { redeemAnswer, tokenAnswer } from '../../server/contract/index.ts';
import { cleanUp } from '../support/dispose.ts';
import { API_TOKENS, TestGateway } from '../support/gateway.ts';
import { startGuacd } from '../support/guacd.ts';
import { logBook } from '../support/log-book.ts';
import { startRedis } from '../support/redis.ts';
import { login, signedIn } from './support/people.ts';
import { problemOf, problemOfTest } from './support/problem.ts';
import { redisContent } from './support/redis-content.ts';

describe('a launch key', () => {
  const suite = cleanUp();
  let redis: { url: string };
  let gateway: TestGateway;

  before(async () => {
    redis = await suite.start(startRedis());
    const guacd = await suite.start(startGuacd());
    const machines = [{ id: 'desk', consoles: { vnc: { host: '127.0.0.1', port: 1 } } }];
    gateway = await suite.start(TestGateway.start({ redis, guacd, machines }));
  });

  const browser = () => supertest.agent(gateway.url);
  const redeem = (agent: ReturnType<typeof browser>, id: string, key: string) =>
    agent.post(`/api/v1/consoles/${id}/redeem`).send({ key });

  it('opens the console in the first browser', async () => {
    const { id, launchKey, expiresAt } = await gateway.open({ machine: 'lab:desk' });
    const before = Date.now();
    const { body } = await redeem(browser(), id, launchKey).expect(200);
    const answer = redeemAnswer.parse(body);
    logBook.secret(answer.bearer);
    assert.equal(answer.expiresAt, expiresAt);
    assert.equal(answer.console.id, id);
    const serverTime = Date.parse(answer.serverTime);
    assert.ok(serverTime >= before && serverTime <= Date.now());
  });

  it('is taken again from the same browser, as on a reload', async () => {
    const { id, launchKey } = await gateway.open({ machine: 'lab:desk' });
    const agent = browser();
    await redeem(agent, id, launchKey).expect(200);
    await redeem(agent, id, launchKey).expect(200);
  });

  it('is used up for every other browser', async () => {
    const { id, launchKey } = await gateway.open({ machine: 'lab:desk' });
    await redeem(browser(), id, launchKey).expect(200);
    problemOfTest(await redeem(browser(), id, launchKey), 410, 'launch_key_used');
  });

  it('opens one browser only, when several come at the same moment', async () => {
    const { id, launchKey } = await gateway.open({ machine: 'lab:desk' });
    const answers = await Promise.all(
      Array.from({ length: 8 }, () => redeem(browser(), id, launchKey)),
    );
    const count = (status: number) => answers.filter((answer) => answer.status === status).length;
    assert.deepEqual([count(200), count(410)], [1, 7]);
  });

  it('that is wrong or another console’s opens nothing, and leaves the right one good', async () => {
    const { id, launchKey } = await gateway.open({ machine: 'lab:desk' });
    const other = await gateway.open({ machine: 'lab:desk' });
    for (const wrong of [other.launchKey, `${launchKey}A`, launchKey.slice(1), 'ключ']) {
      problemOfTest(await redeem(browser(), id, wrong), 403, 'launch_key_invalid');
    }
    await redeem(browser(), id, launchKey).expect(200);
  });

  it('opens no console that was closed', async () => {
    const { id, launchKey } = await gateway.open({ machine: 'lab:desk', user: 'alice' });
    await gateway.call('DELETE', `/consoles/${id}`, { as: API_TOKENS.portal });
    problemOfTest(await redeem(browser(), id, launchKey), 410, 'console_killed');
  });

  it('gives a cookie that opens the console’s calls, to its end', async () => {
    const { id, launchKey } = await gateway.open({ machine: 'lab:desk' });
    const agent = browser();
    await redeem(agent, id, launchKey).expect(200);
    await agent.get(`/api/v1/consoles/${id}`).expect(200);
    const { body } = await agent.post(`/api/v1/consoles/${id}/token`).expect(200);
    logBook.secret(tokenAnswer.parse(body).token);
    const events = agent.get(`/api/v1/consoles/${id}/events`).buffer(true).expect(200);
    const told = events.then(({ text }) => text);
    await agent.delete(`/api/v1/consoles/${id}`).expect(204);
    assert.match(await told, /"state":"closed","reason":"ended"/);
    assert.equal((await gateway.view(id)).reason, 'ended');
    problemOfTest(await agent.post(`/api/v1/consoles/${id}/token`), 410, 'console_ended');
  });

  it('gives a cookie that opens this console alone, whatever was planted in the browser before', async () => {
    const attacker = browser();
    const his = await gateway.open({ machine: 'lab:desk' });
    const planted = (await redeem(attacker, his.id, his.launchKey).expect(200)).get('Set-Cookie');
    const cookie = (planted ?? []).map((line) => line.split(';')[0]).join('; ');
    assert.match(cookie, /^rackside-console=/);
    const hers = await gateway.open({ machine: 'lab:desk' });
    const path = `/api/v1/consoles/${hers.id}`;
    const { headers } = await redeem(browser(), hers.id, hers.launchKey)
      .set('Cookie', cookie)
      .expect(200);
    const [given = ''] = (headers['set-cookie'] ?? []) as unknown as string[];
    assert.match(given, new RegExp(`; Path=${path};`));
    assert.match(given, /; HttpOnly/);
    problemOfTest(
      await browser().post(`${path}/token`).set('Cookie', cookie),
      401,
      'unauthenticated',
    );
    const both = `${cookie}; ${given.split(';')[0]}`;
    const { body } = await browser().post(`${path}/token`).set('Cookie', both).expect(200);
    logBook.secret(tokenAnswer.parse(body).token);
  });

  it('redeemed by somebody signed in opens their browser’s calls while they are', async () => {
    const alice = await signedIn(gateway, 'alice');
    const { id, launchKey } = await gateway.open({ machine: 'lab:desk', user: 'bob' });
    const asked = () => alice.post(`/api/v1/consoles/${id}/token`);
    await redeem(alice, id, launchKey).expect(200);
    await asked().expect(200);
    await alice.post('/api/v1/logout').expect(204);
    problemOfTest(await asked(), 401, 'unauthenticated');
    await login(alice, 'bob').expect(200);
    problemOfTest(await asked(), 403, 'forbidden');
    await login(alice, 'alice').expect(200);
    await asked().expect(200);
  });

  it('leaves no session behind, and a wrong one is limited by address where a right one is not', async () => {
    const sessions = async () =>
      (await redisContent(redis.url)).filter(({ key }) => key.startsWith('rackside:session:'));
    const { id, launchKey } = await gateway.open({ machine: 'lab:desk' });
    const before = await sessions();
    const answers = await Promise.all(
      Array.from({ length: 60 }, () => redeem(browser(), id, 'wrong')),
    );
    const refused = answers.filter(({ status }) => status === 429);
    assert.ok(refused.length >= 10, `${refused.length} were limited`);
    for (const answer of refused) problemOfTest(answer, 429, 'rate_limited');
    await redeem(browser(), id, launchKey).expect(200);
    assert.deepEqual(
      (await sessions()).map(({ key }) => key),
      before.map(({ key }) => key),
    );
  });

  it('gives a bearer that opens the same calls without a cookie', async () => {
    const opened = await gateway.openRedeemed({ machine: 'lab:desk' });
    const as = opened.bearer;
    const one = `/consoles/${opened.id}`;
    assert.equal((await gateway.call('GET', one, { as })).status, 200);
    const granted = tokenAnswer.parse(await gateway.token(opened));
    assert.equal(granted.tunnel, `${gateway.url.replace('http', 'ws')}/tunnel`);
    const lifetime = Date.parse(granted.expiresAt) - Date.now();
    assert.ok(lifetime > 25_000 && lifetime <= 30_000, `the token lives ${lifetime} ms`);
    const told = gateway.events(opened.id, as);
    const first = (await told.next()).value;
    assert.equal(first?.type === 'state' && first.console.state, 'ready');
    assert.equal((await gateway.call('DELETE', one, { as })).status, 204);
    // A step of the token before may still be told after the state.
    const rest = [];
    for await (const event of told) rest.push(event);
    const last = rest.at(-1);
    assert.equal(last?.type === 'state' && last.console.reason, 'ended');
  });

  it('gives a bearer for this console alone', async () => {
    const mine = await gateway.openRedeemed({ machine: 'lab:desk' });
    const other = await gateway.openRedeemed({ machine: 'lab:desk' });
    const [head, , signature] = mine.bearer.split('.');
    const forged = [head, other.bearer.split('.')[1], signature].join('.');
    for (const as of [mine.bearer, forged, `${other.bearer}A`]) {
      for (const [method, path] of [
        ['GET', ''],
        ['GET', '/events'],
        ['POST', '/token'],
        ['DELETE', ''],
      ] as const) {
        const answer = await gateway.call(method, `/consoles/${other.id}${path}`, { as });
        await problemOf(answer, 401, 'unauthenticated');
      }
    }
    await problemOf(await gateway.call('GET', '/me', { as: mine.bearer }), 401, 'unauthenticated');
    await problemOf(
      await gateway.call('GET', '/machines', { as: mine.bearer }),
      401,
      'unauthenticated',
    );
  });

  it('cannot be gone round: an API token may manage a console but not look through it', async () => {
    const { id } = await gateway.openRedeemed({ machine: 'lab:desk' });
    const answer = await gateway.call('POST', `/consoles/${id}/token`, { as: API_TOKENS.portal });
    await problemOf(answer, 403, 'forbidden');
  });
});
