import assert from 'node:assert/strict';
import { before, describe, it } from 'mocha';
import type { ConsoleView } from '../../server/contract/index.ts';
import { cleanUp } from '../support/dispose.ts';
import { API_TOKENS, TestGateway, type TestGatewayOptions } from '../support/gateway.ts';
import { problemOf } from './support/problem.ts';
import { startLab } from './support/lab.ts';

describe('extending a console', () => {
  const suite = cleanUp();
  const each = cleanUp('each');
  let options: TestGatewayOptions;

  before(async function () {
    this.timeout(40_000);
    options = await startLab(suite);
  });

  const gatewayWith = (consoles: object) =>
    each.start(TestGateway.start({ ...options, config: { consoles } }));

  const extend = (gateway: TestGateway, id: string, as: string, body: object = {}) =>
    gateway.call('POST', `/consoles/${id}/extend`, { as, body });

  it('keeps a running tunnel open on another replica, until the new deadline', async () => {
    const limits = { ttl: 3, extendStep: 2, maxTtl: 60 };
    const [one, other] = [await gatewayWith(limits), await gatewayWith(limits)];
    const opened = await one.openRedeemed({ machine: 'lab:desk' });
    const tunnel = each.add(await other.tunnel(opened));
    await tunnel.pictured();
    const answer = await extend(one, opened.id, opened.bearer);
    assert.equal(answer.status, 200);
    const { expiresAt } = (await answer.json()) as ConsoleView;
    assert.equal(Date.parse(expiresAt) - Date.parse(opened.expiresAt), 2000);
    assert.deepEqual(await tunnel.closed, { code: 4001, reason: '522' });
    const late = Date.now() - Date.parse(expiresAt);
    assert.ok(late >= 0 && late < 1000, `closed ${late} ms after its new deadline`);
  });

  it('ends at the last possible deadline, and then is refused', async () => {
    const gateway = await gatewayWith({ ttl: 30, maxTtl: 60 });
    const opened = await gateway.openRedeemed({ machine: 'lab:desk' });
    const answer = await extend(gateway, opened.id, API_TOKENS.portal, { seconds: 3600 });
    assert.equal(((await answer.json()) as ConsoleView).expiresAt, opened.extendableUntil);
    await problemOf(await extend(gateway, opened.id, opened.bearer), 409, 'extension_exhausted');
  });

  it('is refused to a stranger, to nonsense, and once the console is closed', async () => {
    const gateway = await gatewayWith({ ttl: 30 });
    const [mine, theirs] = [
      await gateway.openRedeemed({ machine: 'lab:desk' }),
      await gateway.openRedeemed({ machine: 'lab:desk' }),
    ];
    await problemOf(await extend(gateway, mine.id, theirs.bearer), 401, 'unauthenticated');
    for (const seconds of [0, -5, 1.5, '60', 1e12]) {
      await problemOf(
        await extend(gateway, mine.id, mine.bearer, { seconds }),
        400,
        'invalid_request',
      );
    }
    await gateway.call('DELETE', `/consoles/${mine.id}`, { as: API_TOKENS.portal });
    await problemOf(await extend(gateway, mine.id, mine.bearer), 410, 'console_killed');
  });
});
