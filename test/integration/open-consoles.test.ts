import assert from 'node:assert/strict';
import { createClient } from '@node-redis/client';
import { before, describe, it } from 'mocha';
import { consoleList, type ConsoleView, type ListedConsole } from '../../server/contract/index.ts';
import { cleanUp } from '../support/dispose.ts';
import { API_TOKENS, TestGateway } from '../support/gateway.ts';
import { startRedis } from '../support/redis.ts';
import { type Browser, signedIn } from './support/people.ts';
import { problemOfTest } from './support/problem.ts';
import { redisContent } from './support/redis-content.ts';

const CONSOLES = '/api/v1/consoles';
const NOWHERE = { host: '127.0.0.1', port: 1 };
const MOST = 3;

describe('open consoles', () => {
  const suite = cleanUp();
  let redis: { url: string };
  let one: TestGateway;
  let other: TestGateway;

  before(async () => {
    redis = await suite.start(startRedis());
    const machines = ['alice', 'bob', 'support'].map((owner) => {
      return { id: `of-${owner}`, owner, consoles: { vnc: NOWHERE } };
    });
    const config = {
      consoles: { perCustomer: MOST },
      policy: [{ roles: ['support'], deny: ['watch'] }],
    };
    const options = { redis, guacd: NOWHERE, machines, config };
    const start = () => suite.start(TestGateway.start(options));
    [one, other] = await Promise.all([start(), start()]);
  });

  const open = (browser: Browser, machine: string) => browser.post(CONSOLES).send({ machine });

  async function listed(browser: Browser, query = ''): Promise<ListedConsole[]> {
    return consoleList.parse((await browser.get(CONSOLES + query).expect(200)).body).items;
  }

  async function closeAll(browser: Browser): Promise<void> {
    for (const { id } of await listed(browser)) {
      await browser.delete(`${CONSOLES}/${id}`).expect(204);
    }
  }

  it('of a customer are so many at most, on all replicas together', async () => {
    const browsers = await Promise.all([one, other].map((at) => signedIn(at, 'alice')));
    const answers = await Promise.all(
      Array.from({ length: 2 * MOST }, (_, n) => open(browsers[n % 2] as Browser, 'lab:of-alice')),
    );
    const refused = answers.filter(({ status }) => status !== 201);
    assert.equal(refused.length, MOST);
    for (const answer of refused) problemOfTest(answer, 409, 'console_limit');
    // One that is opened for them is not theirs to count, and one that is closed counts no more.
    await one.open({ machine: 'lab:of-alice', user: 'alice' });
    const [browser] = browsers as [Browser];
    problemOfTest(await open(browser, 'lab:of-alice'), 409, 'console_limit');
    await closeAll(browser);
    await open(browser, 'lab:of-alice').expect(201);
    await closeAll(browser);
  });

  it('of staff and of programs are any number', async () => {
    const staff = await signedIn(one, 'support');
    for (let n = 0; n <= MOST; n += 1) {
      await open(staff, 'lab:of-support').expect(201);
      await one.open({ machine: 'lab:of-bob' });
    }
    await closeAll(staff);
  });

  it('are listed oldest first, page by page, to each those that they may see', async () => {
    const [bob, staff] = [await signedIn(one, 'bob'), await signedIn(other, 'support')];
    const ids = [];
    for (const body of [
      { machine: 'lab:of-bob', user: 'bob' },
      { machine: 'lab:of-alice', user: 'alice' },
      { machine: 'lab:of-bob' },
      { machine: 'lab:of-support', user: 'bob' },
    ]) {
      ids.push((await one.open(body)).id);
    }
    const idsOf = (items: ListedConsole[]) => items.map(({ id }) => id);
    assert.deepEqual(idsOf(await listed(bob)), [ids[0], ids[2], ids[3]]);

    const found = [];
    let query = '?limit=1';
    for (let page = 0; page < ids.length; page += 1) {
      const list = consoleList.parse((await staff.get(CONSOLES + query).expect(200)).body);
      found.push(...idsOf(list.items));
      query = `?limit=1&cursor=${list.next}`;
      assert.equal(list.next === null, page === ids.length - 1);
    }
    assert.deepEqual(found, ids);
    await closeAll(staff);
    assert.deepEqual(await listed(staff), []);
  });

  it('are found by whom they were opened for, by those alone who may see them', async () => {
    const [alice, staff] = [await signedIn(one, 'alice'), await signedIn(other, 'support')];
    const ids = [];
    for (const body of [
      { machine: 'lab:of-alice', user: 'alice' },
      { machine: 'lab:of-alice', user: 'bob' },
      { machine: 'lab:of-bob', user: 'bob' },
    ]) {
      ids.push((await one.open(body)).id);
    }
    const idsOf = async (browser: Browser, user: string) =>
      (await listed(browser, `?user=${user}`)).map(({ id }) => id);
    assert.deepEqual(await idsOf(staff, 'alice'), [ids[0]]);
    assert.deepEqual(await idsOf(staff, 'bob'), [ids[1], ids[2]]);
    assert.deepEqual(await idsOf(alice, 'bob'), [ids[1]]);
    problemOfTest(await staff.get(`${CONSOLES}?user=`), 400, 'invalid_request');
    await closeAll(staff);
  });

  it('say what each may do to them, by the policy', async () => {
    const [alice, staff] = [await signedIn(one, 'alice'), await signedIn(other, 'support')];
    await one.open({ machine: 'lab:of-alice', user: 'alice' });
    const actionsFor = async (browser: Browser) =>
      (await listed(browser)).map(({ actions }) => actions);
    assert.deepEqual(await actionsFor(alice), [['extend', 'share', 'watch', 'kill']]);
    assert.deepEqual(await actionsFor(staff), [['extend', 'share', 'kill']]);
    await closeAll(staff);
  });

  it('leave no trace in the lists when they are over or lost', async () => {
    const staff = await signedIn(one, 'support');
    const [kept, lost] = [
      await one.open({ machine: 'lab:of-bob' }),
      await one.open({ machine: 'lab:of-bob' }),
    ];
    const client = createClient({ url: redis.url });
    await client.connect();
    await client.del(`rackside:console:${lost.id}`);
    client.destroy();
    assert.deepEqual(
      (await listed(staff)).map(({ id }) => id),
      [kept.id],
    );
    await closeAll(staff);
    const sets = (await redisContent(redis.url)).filter(
      ({ key }) => key === 'rackside:consoles:open',
    );
    assert.deepEqual(sets, []);
  });

  it('are closed with the sign-in that they were opened in, and no others', async () => {
    const [lost, here] = [await signedIn(one, 'bob'), await signedIn(other, 'bob')];
    const stolen = (await open(lost, 'lab:of-bob').expect(201)).body as ConsoleView;
    const mine = (await open(here, 'lab:of-bob').expect(201)).body as ConsoleView;
    const given = await one.open({ machine: 'lab:of-bob', user: 'bob' });
    const [away, desk] = [await signedIn(one, 'support'), await signedIn(other, 'support')];
    const forBob = { machine: 'lab:of-bob', user: 'bob' };
    const left = (await away.post(CONSOLES).send(forBob).expect(201)).body as ConsoleView;
    await here.delete('/api/v1/me/sessions').expect(204);
    const stateOf = async (id: string) => {
      const answer = await one.call('GET', `/consoles/${id}`, { as: API_TOKENS.portal });
      const { state, reason } = (await answer.json()) as ConsoleView;
      return [state, reason];
    };
    assert.deepEqual(await stateOf(stolen.id), ['closed', 'ended']);
    assert.deepEqual(await stateOf(mine.id), ['starting', null]);
    assert.deepEqual(await stateOf(given.id), ['starting', null]);
    assert.deepEqual(await stateOf(left.id), ['starting', null]);
    await desk.delete('/api/v1/me/sessions').expect(204);
    assert.deepEqual(await stateOf(left.id), ['closed', 'ended']);
    await closeAll(here);
  });
});
