import assert from 'node:assert/strict';
import { before, describe, it } from 'mocha';
import supertest from 'supertest';
import {
  type Action,
  type ApiTokenView,
  type CreatedApiToken,
  type StatusCode,
  apiTokenList,
  createdApiToken,
} from '../../server/contract/index.ts';
import { cleanUp } from '../support/dispose.ts';
import { PASSWORDS, TestGateway, type TestGatewayOptions, testConfig } from '../support/gateway.ts';
import { logBook } from '../support/log-book.ts';
import { startRedis } from '../support/redis.ts';
import type { ServerProcess } from '../support/server-process.ts';
import { until } from '../support/until.ts';
import { auditOf, momentLater } from './support/audit.ts';
import { problemOf, problemOfTest } from './support/problem.ts';
import { redisContent } from './support/redis-content.ts';
import { configToken } from './support/staff.ts';

/** The trail remembers who revoked what. */
const AUDIT = 'rackside:audit';

type Person = keyof typeof PASSWORDS;

const scoped = configToken('scoped', 'admin', { actions: ['list', 'kill'], machines: ['lab:d*'] });
const root = configToken('root', 'admin');
const CONSOLES = { vnc: { host: '127.0.0.1', port: 1 } };
const MACHINES = [
  { id: 'desk', owner: 'alice', consoles: CONSOLES },
  { id: 'shop', owner: 'alice', consoles: CONSOLES },
  { id: 'safe', owner: 'bob', consoles: CONSOLES },
];

describe('an API token that a user makes', () => {
  const suite = cleanUp();
  const each = cleanUp('each');
  let redis: ServerProcess & { readonly url: string };
  let options: TestGatewayOptions;
  let one: TestGateway;
  let other: TestGateway;
  const agents = new Map<Person, ReturnType<typeof supertest.agent>>();

  before(async () => {
    redis = await suite.start(startRedis());
    const guacd = { host: '127.0.0.1', port: 1 };
    const config = { apiTokens: [scoped.line, root.line] };
    options = { redis, guacd, machines: MACHINES, config };
    one = await suite.start(TestGateway.start(options));
    other = await suite.start(TestGateway.start(options));
    for (const person of ['alice', 'bob', 'admin'] as const) {
      const agent = supertest.agent(one.url);
      await agent
        .post('/api/v1/login')
        .send({ username: person, password: PASSWORDS[person] })
        .expect(200);
      agents.set(person, agent);
    }
  });

  const as = (person: Person) => agents.get(person) ?? supertest.agent(one.url);

  async function make(person: Person, body: object = {}): Promise<CreatedApiToken> {
    const answer = await as(person)
      .post('/api/v1/tokens')
      .send({ name: 'a script', ...body });
    assert.equal(answer.status, 201, answer.text);
    const created = createdApiToken.parse(answer.body);
    logBook.secret(created.token);
    return created;
  }

  async function listed(person: Person, query = ''): Promise<ApiTokenView[]> {
    const answer = await as(person).get(`/api/v1/tokens${query}`).expect(200);
    return apiTokenList.parse(answer.body).items;
  }

  async function machines(token: string, gateway = other): Promise<string[]> {
    const answer = await gateway.call('GET', '/machines', { as: token });
    assert.equal(answer.status, 200);
    const { items } = (await answer.json()) as { items: { id: string }[] };
    return items.map(({ id }) => id);
  }

  const openAs = (token: string, machine: string) =>
    other.call('POST', '/consoles', { as: token, body: { machine } });

  it('does what its owner may, on every replica', async () => {
    const { token } = await make('alice');
    assert.deepEqual(await machines(token), ['lab:desk', 'lab:shop']);
    const answer = await openAs(token, 'lab:desk');
    assert.equal(answer.status, 201);
    const { url, user, openedBy } = (await answer.json()) as Record<string, string>;
    logBook.secret(new URL(url ?? '').hash.slice(1));
    assert.deepEqual([user, openedBy], ['alice', 'alice']);
    await problemOf(await openAs(token, 'lab:safe'), 403, 'forbidden');
    const me = await other.call('GET', '/me', { as: token });
    const { name, role } = (await me.json()) as { name: string; role: string };
    assert.deepEqual([name, role], ['alice', 'customer']);
  });

  it('is shown once, has an id that finds it, and lies in Redis as a hash', async () => {
    const { id, token } = await make('alice');
    assert.match(token, new RegExp(`^rks_${id}_[\\w-]{43}$`));
    assert.equal(JSON.stringify(await listed('alice')).includes(token), false);
    const kept = await redisContent(redis.url);
    assert.ok(kept.some(({ key }) => key.endsWith(id)));
    for (const { key, text } of kept) logBook.assertHoldsNoSecret(key + text, `Redis key ${key}`);
  });

  it('does only what its scope has, on the machines of its patterns', async () => {
    const { token } = await make('alice', { actions: ['list'], machines: ['lab:d*', 'lab:safe'] });
    assert.deepEqual(await machines(token), ['lab:desk']);
    await problemOf(await openAs(token, 'lab:desk'), 403, 'forbidden');
    await problemOf(
      await other.call('GET', '/machines/lab:shop', { as: token }),
      404,
      'machine_not_found',
    );
    const blind = await make('alice', { actions: ['open'] });
    assert.deepEqual(await machines(blind.token), []);
    assert.equal((await openAs(blind.token, 'lab:shop')).status, 201);
  });

  it('is seen and revoked by its owner and by administrators, and by nobody else', async () => {
    const mine = await make('alice', { name: ' nightly ' });
    const found = (items: ApiTokenView[]) => items.find(({ id }) => id === mine.id);
    assert.equal(found(await listed('alice'))?.name, 'nightly');
    assert.equal(found(await listed('admin'))?.owner, 'alice');
    assert.equal(found(await listed('admin', '?owner=alice'))?.owner, 'alice');
    assert.equal(found(await listed('admin', '?owner=bob')), undefined);
    assert.equal(found(await listed('bob')), undefined);
    problemOfTest(await as('bob').get('/api/v1/tokens?owner=alice'), 403, 'forbidden');
    problemOfTest(await as('bob').delete(`/api/v1/tokens/${mine.id}`), 404, 'api_token_not_found');
    assert.equal((await machines(mine.token)).length, 2);

    await as('admin').delete(`/api/v1/tokens/${mine.id}`).expect(204);
    problemOfTest(
      await as('admin').delete(`/api/v1/tokens/${mine.id}`),
      404,
      'api_token_not_found',
    );
    assert.equal(found(await listed('alice')), undefined);
  });

  it('opens nothing from the moment of its revocation, on every replica', async () => {
    const { id, token } = await make('alice');
    assert.equal((await machines(token, one)).length, 2);
    assert.equal((await machines(token, other)).length, 2);
    await as('alice').delete(`/api/v1/tokens/${id}`).expect(204);
    for (const gateway of [one, other]) {
      const answer = await gateway.call('GET', '/machines', { as: token });
      await problemOf(answer, 401, 'unauthenticated');
    }
    const kept = await redisContent(redis.url);
    const left = kept.filter(({ key, text }) => key !== AUDIT && (key + text).includes(id));
    assert.deepEqual(left, []);
  });

  it('hears no more of a console once it is revoked', async () => {
    const { id, token } = await make('alice', { actions: ['list'] });
    const answer = await openAs((await make('alice')).token, 'lab:desk');
    const opened = (await answer.json()) as { id: string; url: string };
    logBook.secret(new URL(opened.url).hash.slice(1));
    const events = other.events(opened.id, token);
    assert.equal((await events.next()).value?.type, 'state');
    await as('alice').delete(`/api/v1/tokens/${id}`).expect(204);
    await one.call('POST', `/consoles/${opened.id}/extend`, { as: root.token, body: {} });
    assert.deepEqual(await events.next(), { done: true, value: undefined });
  });

  it('is in the audit trail: made, revoked, refused', async () => {
    const since = `since=${await momentLater()}`;
    const { id } = await make('alice', { name: 'audited' });
    await as('bob').delete(`/api/v1/tokens/${id}`).expect(404);
    await as('alice').delete(`/api/v1/tokens/${id}`).expect(204);
    const story = await auditOf(one, root.token, `action=token&${since}`, 3);
    assert.deepEqual(
      story.map(({ who, result }) => `${who} ${result}`),
      ['alice ok', 'bob api_token_not_found', 'alice ok'],
    );
    assert.equal(story[0]?.detail, `created ${id}: audited`);
    assert.equal(story[2]?.detail, `revoked ${id}: audited of alice`);
  });

  it('notes when it was used last', async () => {
    const { id, token, lastUsedAt, createdAt } = await make('alice');
    assert.equal(lastUsedAt, null);
    await machines(token);
    const used = await until(
      async () => (await listed('alice')).find((item) => item.id === id)?.lastUsedAt,
      { what: 'the use to be noted', timeout: 3000 },
    );
    assert.ok(Date.parse(used) >= Date.parse(createdAt));
    await machines(token);
    await machines(token);
    assert.equal((await listed('alice')).find((item) => item.id === id)?.lastUsedAt, used);
  });

  it('ends when its time is over', async () => {
    const { id, expiresAt, createdAt } = await make('alice', { expiresIn: 60 });
    assert.equal(Date.parse(expiresAt ?? '') - Date.parse(createdAt), 60_000);
    const kept = (await redisContent(redis.url)).find(({ key }) => key.endsWith(`token:${id}`));
    assert.ok(kept && kept.ttl > 0 && kept.ttl <= 60, `its key lives ${kept?.ttl} s`);
  });

  it('is dead when its owner is gone, and has the owner’s role of today', async () => {
    const { token } = await make('bob');
    assert.deepEqual(await machines(token), ['lab:safe']);
    const config = (await testConfig(options)) as { users: { name: string; role: string }[] };
    const started = async (users: object[]) =>
      each.start(TestGateway.start({ ...options, config: { ...options.config, users } }));
    const without = await started(config.users.filter(({ name }) => name !== 'bob'));
    await problemOf(await without.call('GET', '/machines', { as: token }), 401, 'unauthenticated');
    const promoted = await started(
      config.users.map((user) => (user.name === 'bob' ? { ...user, role: 'support' } : user)),
    );
    assert.equal((await machines(token, promoted)).length, 3);
  });

  it('cannot make tokens, and with a scope cannot list or revoke any', async () => {
    const { id, token } = await make('alice');
    const narrow = await make('alice', { actions: ['list', 'open'] });
    const call = (method: string, path: string, bearer: string, body?: object) =>
      other.call(method, path, { as: bearer, ...(body && { body }) });
    for (const bearer of [token, narrow.token, root.token, scoped.token]) {
      await problemOf(await call('POST', '/tokens', bearer, { name: 'x' }), 403, 'forbidden');
    }
    for (const bearer of [narrow.token, scoped.token]) {
      await problemOf(await call('GET', '/tokens', bearer), 403, 'forbidden');
      const revoked = await call('DELETE', `/tokens/${id}`, bearer);
      await problemOf(revoked, 404, 'api_token_not_found');
    }
    assert.equal((await call('GET', '/tokens', root.token)).status, 200);
    assert.equal((await call('DELETE', `/tokens/${narrow.id}`, token)).status, 204);
  });

  it('is refused for what cannot be read, by the field', async () => {
    for (const [body, path] of [
      [{ name: '' }, 'name'],
      [{ actions: [] }, 'actions'],
      [{ actions: ['fly'] }, 'actions.0'],
      [{ machines: [''] }, 'machines.0'],
      [{ expiresIn: 1 }, 'expiresIn'],
      [{ role: 'admin' }, 'role'],
    ] as const) {
      const answer = await as('alice')
        .post('/api/v1/tokens')
        .send({ name: 'x', ...body });
      assert.equal(problemOfTest(answer, 400, 'invalid_request').errors?.[0]?.path, path);
    }
  });

  it('is not known with another secret or another id', async () => {
    const [{ token }, stranger] = [await make('alice'), await make('bob')];
    const secret = token.slice(token.lastIndexOf('_') + 1);
    for (const wrong of [
      `${token.slice(0, -1)}${token.endsWith('A') ? 'B' : 'A'}`,
      token.slice(0, -1),
      `rks_${stranger.id}_${secret}`.slice(0, token.length),
      `rks_${'0'.repeat(24)}_${secret}`.slice(0, token.length),
      `rks_*_${secret}`,
    ]) {
      const answer = await one.call('GET', '/machines', { as: logBook.secret(wrong) });
      await problemOf(answer, 401, 'unauthenticated');
    }
  });

  it('is limited to a hundred for a user, however many are made at once', async function () {
    this.timeout(20_000);
    const answers = await Promise.all(
      Array.from({ length: 104 }, () => as('bob').post('/api/v1/tokens').send({ name: 'x' })),
    );
    for (const { body } of answers) if (body.token) logBook.secret(body.token as string);
    const refused = answers.filter(({ status }) => status !== 201);
    assert.ok(refused.length >= 4);
    for (const answer of refused) problemOfTest(answer, 409, 'api_token_limit');
    assert.equal((await listed('bob', '?limit=200')).length, 100);
  });

  it('is 503 while Redis is away, and a token of the configuration is not asked after', async () => {
    const { token } = await make('alice');
    const lonely = await each.start(startRedis());
    const gateway = await each.start(TestGateway.start({ ...options, redis: lonely }));
    const status = async (bearer: string, code?: StatusCode) => {
      const answer = await gateway.call('GET', '/machines', { as: bearer });
      if (code) await problemOf(answer, 503, code);
      return answer.status;
    };
    await lonely.stop();
    assert.equal(await status(token, 'redis_unavailable'), 503);
    assert.equal(await status(root.token), 200);
  });
});

describe('the scope of a token of the configuration', () => {
  const suite = cleanUp();

  it('holds as one of a user’s does', async () => {
    const redis = await suite.start(startRedis());
    const guacd = { host: '127.0.0.1', port: 1 };
    const config = { apiTokens: [scoped.line] };
    const gateway = await suite.start(
      TestGateway.start({ redis, guacd, machines: MACHINES, config }),
    );
    const answer = await gateway.call('GET', '/machines', { as: scoped.token });
    const { items } = (await answer.json()) as { items: { id: string; actions: Action[] }[] };
    assert.deepEqual(
      items.map(({ id, actions }) => ({ id, actions })),
      [{ id: 'lab:desk', actions: ['list', 'kill'] }],
    );
    const body = { machine: 'lab:desk' };
    await problemOf(
      await gateway.call('POST', '/consoles', { as: scoped.token, body }),
      403,
      'forbidden',
    );
  });
});
