import assert from 'node:assert/strict';
import { before, describe, it } from 'mocha';
import { cleanUp } from '../support/dispose.ts';
import { API_TOKENS, TestGateway } from '../support/gateway.ts';
import { startGuacd } from '../support/guacd.ts';
import { startRedis } from '../support/redis.ts';
import { type Browser, browserAt, enrol, login } from './support/people.ts';
import { problemOf, problemOfTest } from './support/problem.ts';

const WRONG = 'not-the-password';
const TRIES = 3;
const WINDOW = 600;

describe('the limit of wrong sign-ins', () => {
  const suite = cleanUp();
  let one: TestGateway;
  let other: TestGateway;

  before(async () => {
    const [redis, guacd] = await Promise.all([
      suite.start(startRedis()),
      suite.start(startGuacd()),
    ]);
    const config = {
      signIn: { tries: TRIES, window: WINDOW },
      listen: { port: 0, trustedProxies: ['127.0.0.1'] },
    };
    const machines = [{ id: 'desk', consoles: { vnc: { host: '127.0.0.1', port: 1 } } }];
    const start = () => suite.start(TestGateway.start({ redis, guacd, machines, config }));
    [one, other] = await Promise.all([start(), start()]);
  });

  let addresses = 0;
  const newAddress = () => `198.51.100.${(addresses += 1)}`;

  const tryAt = (gateway: TestGateway, address: string, name: string, password?: string) =>
    tryIn(browserAt(gateway), address, name, password);
  function tryIn(browser: Browser, address: string, name: string, password?: string) {
    const test = login(browser, name, password === undefined ? {} : { password });
    return test.set('X-Forwarded-For', address);
  }

  async function spend(address: string, name: string, times = TRIES): Promise<void> {
    for (let n = 0; n < times; n += 1) {
      const answer = await tryAt([one, other][n % 2] ?? one, address, name, WRONG);
      problemOfTest(answer, 401, 'credentials_invalid');
    }
  }

  it('refuses an address after a few on any replica, the right password too, and says how long', async () => {
    const address = newAddress();
    await spend(address, 'alice');
    for (const gateway of [one, other]) {
      const late = await tryAt(gateway, address, 'alice');
      const { detail } = problemOfTest(late, 429, 'rate_limited');
      assert.match(detail, /try again in 10 minutes$/);
      const wait = Number(late.get('retry-after'));
      assert.ok(wait > WINDOW - 30 && wait <= WINDOW, `Retry-After: ${wait}`);
    }
    problemOfTest(await tryAt(one, address, 'bob'), 429, 'rate_limited');
    await tryAt(one, newAddress(), 'alice').expect(200);
  });

  it('is not spent by right ones', async () => {
    const address = newAddress();
    for (let n = 0; n < TRIES * 3; n += 1) await tryAt(one, address, 'bob').expect(200);
    await spend(address, 'bob');
  });

  it('is no wider for many at the same moment', async () => {
    const address = newAddress();
    const answers = await Promise.all(
      Array.from({ length: 12 }, (_, n) =>
        tryAt([one, other][n % 2] ?? one, address, 'alice', WRONG),
      ),
    );
    const count = (status: number) => answers.filter((answer) => answer.status === status).length;
    assert.deepEqual([count(401), count(429)], [TRIES, 12 - TRIES]);
  });

  it('takes an IPv6 network of 64 bits for one address, and another for another', async () => {
    for (const end of ['::1', '::2', ':ffff:1:2:3']) await spend(`2001:db8:1:7${end}`, 'alice', 1);
    problemOfTest(await tryAt(one, '2001:db8:1:7::99', 'alice'), 429, 'rate_limited');
    await tryAt(one, '2001:db8:1:8::99', 'alice').expect(200);
  });

  it('tells nobody which accounts there are', async () => {
    const [address, another] = [newAddress(), newAddress()];
    await spend(address, 'nobody-of-this-name');
    await spend(another, 'alice');
    const details = [
      problemOfTest(await tryAt(one, address, 'nobody-of-this-name', WRONG), 429, 'rate_limited')
        .detail,
      problemOfTest(await tryAt(one, another, 'alice'), 429, 'rate_limited').detail,
    ];
    assert.equal(details[0], details[1]);
  });

  it('holds for an account that is guessed at from everywhere, but not for its user’s own browser', async () => {
    const home = browserAt(one);
    const homeAddress = newAddress();
    await tryIn(home, homeAddress, 'support').expect(200);
    await home.post('/api/v1/logout').expect(204);

    for (let n = 0; n < 10; n += 1) await spend(newAddress(), n % 2 ? 'support' : 'SUPPORT');
    const late = await tryAt(other, newAddress(), 'support');
    assert.match(problemOfTest(late, 429, 'rate_limited').detail, /for this account/);
    // Even where the attacker shares the user's address.
    await spend(homeAddress, 'bob');
    await tryIn(home, homeAddress, 'support').expect(200);
    await tryAt(one, newAddress(), 'alice').expect(200);
  });

  it('lets a known browser guess no more than anybody', async () => {
    const browser = browserAt(one);
    const address = newAddress();
    await tryIn(browser, address, 'admin').expect(200);
    for (let n = 0; n < TRIES; n += 1) {
      problemOfTest(await tryIn(browser, address, 'admin', WRONG), 401, 'credentials_invalid');
    }
    problemOfTest(await tryIn(browser, address, 'admin'), 429, 'rate_limited');
  });

  it('knows a browser for its own user alone', async () => {
    const browser = browserAt(one);
    const address = newAddress();
    await tryIn(browser, newAddress(), 'alice').expect(200);
    for (let n = 0; n < TRIES; n += 1) {
      problemOfTest(await tryIn(browser, address, 'bob', WRONG), 401, 'credentials_invalid');
    }
    problemOfTest(await tryIn(browser, address, 'bob'), 429, 'rate_limited');
  });

  it('holds for one-time codes by the account, wherever they come from', async () => {
    const browser = browserAt(one);
    await tryIn(browser, newAddress(), 'bob').expect(200);
    const { app } = await enrol(browser, 'bob');
    const withCode = (totp: string) =>
      login(browserAt(other), 'bob', { totp }).set('X-Forwarded-For', newAddress());
    for (let n = 0; n < TRIES; n += 1) {
      problemOfTest(await withCode(app.wrongCode()), 401, 'totp_wrong');
    }
    const { detail } = problemOfTest(await withCode(app.code(1)), 429, 'rate_limited');
    assert.match(detail, /wrong codes/);
  });

  describe('and of wrong tokens', () => {
    const from = (gateway: TestGateway, as: string, address: string) =>
      gateway.call('GET', '/me', { as, headers: { 'X-Forwarded-For': address } });

    it('refuses an address after a few, but no right token, were it new to the replica', async () => {
      const address = newAddress();
      for (let n = 0; n < TRIES; n += 1) {
        const gateway = [one, other][n % 2] ?? one;
        await problemOf(await from(gateway, 'no-such-token', address), 401, 'unauthenticated');
      }
      const late = await from(one, 'no-such-token', address);
      assert.ok(Number(late.headers.get('retry-after')) > WINDOW - 30);
      const { detail } = await problemOf(late, 429, 'rate_limited');
      assert.match(detail, /wrong tokens/);
      for (const gateway of [one, other]) {
        assert.equal((await from(gateway, API_TOKENS.portal, address)).status, 200);
      }
      await problemOf(await from(other, 'no-such-token', address), 429, 'rate_limited');
    });

    it('does not count what the gateway has signed itself, where it opens nothing', async () => {
      const { bearer } = await one.openRedeemed({ machine: 'lab:desk' });
      const address = newAddress();
      for (let n = 0; n <= TRIES; n += 1) {
        await problemOf(await from(one, bearer, address), 401, 'unauthenticated');
      }
    });
  });
});
