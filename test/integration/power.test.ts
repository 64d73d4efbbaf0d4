import assert from 'node:assert/strict';
import { type Socket, createSocket } from 'node:dgram';
import { once } from 'node:events';
import { before, describe, it } from 'mocha';
import {
  type MachineView,
  createdConsole,
  powerAnswer,
  redeemAnswer,
} from '../../server/contract/index.ts';
import { cleanUp } from '../support/dispose.ts';
import { API_TOKENS, TestGateway } from '../support/gateway.ts';
import { logBook } from '../support/log-book.ts';
import { startRedis } from '../support/redis.ts';
import { auditOf, momentLater } from './support/audit.ts';
import { problemOf } from './support/problem.ts';
import { redeem } from './support/sharing.ts';
import { configToken } from './support/staff.ts';

const alice = configToken('alice', 'customer');
const viewer = configToken('viewer', 'support', { actions: ['list', 'open'] });
const boss = configToken('boss', 'admin');

describe('switching a machine', () => {
  const suite = cleanUp();
  let gateway: TestGateway;
  let network: Socket;

  before(async () => {
    const redis = await suite.start(startRedis());
    network = createSocket('udp4').bind(0, '127.0.0.1');
    suite.add(() => network.close());
    await once(network, 'listening');
    const consoles = { vnc: { host: '127.0.0.1', port: 1 } };
    const { port } = network.address();
    const wakeOnLan = { mac: '02:00:5E:10:00-ff', broadcast: '127.0.0.1', port };
    gateway = await suite.start(
      TestGateway.start({
        redis,
        guacd: { host: '127.0.0.1', port: 1 },
        machines: [
          { id: 'rack', owner: 'alice', consoles, wakeOnLan },
          { id: 'other', owner: 'bob', consoles, wakeOnLan },
          { id: 'fixed', owner: 'alice', consoles },
        ],
        config: {
          apiTokens: [alice, viewer, boss].map(({ line }) => line),
          policy: [{ users: ['boss'], machines: ['lab:other'], deny: ['power'] }],
        },
      }),
    );
  });

  const tell = (id: string, action: unknown, as = alice.token) =>
    gateway.call('POST', `/machines/${encodeURIComponent(id)}/power`, { as, body: { action } });

  async function powerActions(id: string, as = alice.token): Promise<readonly string[]> {
    const answer = await gateway.call('GET', `/machines/${encodeURIComponent(id)}`, { as });
    return ((await answer.json()) as MachineView).powerActions;
  }

  it('wakes it by a magic packet, which the network receives', async () => {
    const received = once(network, 'message') as Promise<[Buffer]>;
    const answer = await tell('lab:rack', 'on');
    assert.equal(answer.status, 202);
    assert.deepEqual(powerAnswer.parse(await answer.json()), { machine: 'lab:rack', action: 'on' });
    const [packet] = await received;
    const expected = 'ff'.repeat(6) + '02005e1000ff'.repeat(16);
    assert.equal(packet.toString('hex'), expected);
  });

  it('is offered where it can be done and the caller may, and nowhere else', async () => {
    assert.deepEqual(await powerActions('lab:rack'), ['on']);
    assert.deepEqual(await powerActions('lab:fixed'), []);
    assert.deepEqual(await powerActions('lab:rack', viewer.token), []);
    assert.deepEqual(await powerActions('lab:rack', boss.token), ['on']);
    assert.deepEqual(await powerActions('lab:other', boss.token), []);
  });

  it('is refused where it cannot be done, with what can', async () => {
    const off = await problemOf(await tell('lab:rack', 'off'), 422, 'power_unavailable');
    assert.match(off.detail, /lab:rack .*: on$/);
    await problemOf(await tell('lab:fixed', 'on'), 422, 'power_unavailable');
  });

  it('is refused to whoever may not, by rule, by scope, or because it is not theirs', async () => {
    await problemOf(await tell('lab:other', 'on', boss.token), 403, 'forbidden');
    await problemOf(await tell('lab:rack', 'on', viewer.token), 403, 'forbidden');
    await problemOf(await tell('lab:other', 'on'), 404, 'machine_not_found');
    await problemOf(await tell('lab:nope', 'on', boss.token), 404, 'machine_not_found');
    await problemOf(await tell('lab:rack', 'on', API_TOKENS.portal), 401, 'unauthenticated');
  });

  it('is in the audit trail, done or refused', async () => {
    const since = `since=${await momentLater()}`;
    await tell('lab:rack', 'on');
    await tell('lab:other', 'on', boss.token);
    const told = await auditOf(gateway, boss.token, `action=power&${since}`, 2);
    assert.deepEqual(
      told.map(({ who, machine, result }) => [who, machine, result].join(' ')),
      ['alice lab:rack ok', 'boss lab:other forbidden'],
    );
    assert.equal(told[0]?.detail, 'on');
  });

  it('from a console is in the trail with that console', async () => {
    const body = { machine: 'lab:rack' };
    const opened = await gateway.call('POST', '/consoles', { as: alice.token, body });
    const { id, url } = createdConsole.parse(await opened.json());
    const key = logBook.secret(new URL(url).hash.slice(1));
    const redeemed = await redeem(gateway, id, { key });
    const bearer = logBook.secret(redeemAnswer.parse(await redeemed.json()).bearer);
    const on = { as: bearer, body: { action: 'on' } };
    assert.equal((await gateway.call('POST', `/consoles/${id}/power`, on)).status, 202);
    const [told] = await auditOf(gateway, boss.token, `action=power&console=${id}`, 1);
    assert.deepEqual(
      [told?.who, told?.via, told?.machine, told?.result, told?.detail],
      ['alice', 'console', 'lab:rack', 'ok', 'on'],
    );
  });

  it('takes only the words that there are', async () => {
    for (const action of ['explode', '', undefined, ['on']]) {
      const problem = await problemOf(await tell('lab:rack', action), 400, 'invalid_request');
      assert.equal(problem.errors?.[0]?.path, 'action');
    }
    const got = await gateway.call('GET', '/machines/lab:rack/power', { as: alice.token });
    await problemOf(got, 405, 'method_not_allowed');
  });
});
