import assert from 'node:assert/strict';
import { before, describe, it } from 'mocha';
import type { MachineList, MachineView } from '../../server/contract/index.ts';
import { HetznerSimulator } from '../simulators/hetzner.ts';
import { cleanUp } from '../support/dispose.ts';
import { TestGateway } from '../support/gateway.ts';
import { startRedis } from '../support/redis.ts';
import { until } from '../support/until.ts';
import { problemOf } from './support/problem.ts';
import { configToken } from './support/staff.ts';

/** Looks at unknown machines that a customer has within a minute. */
const BUDGET = 30;
const people = ['alice', 'bob', 'carol', 'dora'] as const;

describe('looking for machines', () => {
  const suite = cleanUp();
  const tokens = people.map((name) => configToken(name, 'customer'));
  const tokenOf = (name: (typeof people)[number]): string =>
    tokens[people.indexOf(name)]?.token ?? assert.fail('has no token');
  const portal = configToken('portal', 'support');
  const portalToken = portal.token;
  const gateways: TestGateway[] = [];
  let cloud: HetznerSimulator;

  before(async function () {
    this.timeout(20_000);
    const redis = await suite.start(startRedis());
    cloud = await suite.start(HetznerSimulator.start());
    const { token: apiToken, url: baseUrl } = cloud;
    const owner = { label: 'customer' };
    const providers = [{ id: 'hz', type: 'hetzner', apiToken, baseUrl, owner }];
    const apiTokens = [...tokens, portal].map(({ line }) => line);
    for (const _replica of [1, 2]) {
      gateways.push(
        await suite.start(
          TestGateway.start({
            redis,
            guacd: { host: '127.0.0.1', port: 1 },
            machines: [],
            // No list comes by itself while the tests run.
            config: { providers, apiTokens, inventory: { refresh: 3600 } },
          }),
        ),
      );
    }
  });
  const gateway = (index = 0): TestGateway => gateways[index] ?? assert.fail('does not run');
  const add = (name: string, customer: string) =>
    cloud.cloud.add({ name, labels: { customer } }).id;
  const asked = (id: number | string): number =>
    cloud.calls.filter((call) => call.startsWith(`GET /servers/${id}`)).length;
  const listings = (): number => cloud.calls.filter((call) => call === 'GET /servers').length;
  const pathOf = (id: number, rest = ''): string => `/machines/hz%3A${id}${rest}`;
  const open = (id: number, as: string, at = 0) =>
    gateway(at).call('POST', '/consoles', { as, body: { machine: `hz:${id}` } });

  /** Servers that the lists of both gateways know. */
  async function listed(name: string, customer: string): Promise<number> {
    const id = add(name, customer);
    await gateway().call('GET', pathOf(id), { as: portalToken });
    await known(id, (view) => view !== undefined);
    return id;
  }

  const known = (id: number, is: (view: MachineView | undefined) => boolean) =>
    until(
      async () => {
        const views = await Promise.all(
          gateways.map(async (each) => {
            const answer = await each.call('GET', '/machines?limit=200', { as: portalToken });
            const { items } = (await answer.json()) as MachineList;
            return items.find((machine) => machine.id === `hz:${id}`);
          }),
        );
        return views.every(is);
      },
      { timeout: 10_000, what: `both lists to know of hz:${id}` },
    );

  it('that are not there uses up no limit of the cloud, by whatever door, at all gateways', async () => {
    const as = tokenOf('alice');
    const doors = [
      (id: number, at: number) => gateway(at).call('GET', pathOf(id), { as }),
      (id: number, at: number) =>
        gateway(at).call('POST', pathOf(id, '/power'), { as, body: { action: 'reset' } }),
      (id: number, at: number) =>
        gateway(at).call('POST', pathOf(id, '/console-file'), { as, body: {} }),
      (id: number, at: number) => open(id, as, at),
    ];
    for (let count = 0; count < 3 * BUDGET; count += 1) {
      const id = 5000 + count;
      const door = doors[count % doors.length] ?? assert.fail('no door');
      const answer = await door(id, count % 2);
      // Those that were asked for, and those that were not, are told the same.
      if (count % doors.length === 3) {
        const { detail } = await problemOf(answer, 403, 'forbidden');
        assert.equal(detail, `alice may not open hz:${id}`);
      } else {
        const { detail } = await problemOf(answer, 404, 'machine_not_found');
        assert.equal(detail, `there is no machine "hz:${id}"`);
      }
    }
    assert.equal(asked(5), BUDGET);
    const theirs = add('fresh', 'bob');
    assert.equal(
      (await open(theirs, tokenOf('bob'))).status,
      201,
      'another customer is not held up',
    );
  });

  it('that are somebody else’s asks the cloud for nothing', async () => {
    const id = await listed('private', 'bob');
    const as = tokenOf('carol');
    const before = asked(id);
    await problemOf(await open(id, as), 403, 'forbidden');
    await problemOf(await gateway(1).call('GET', pathOf(id), { as }), 404, 'machine_not_found');
    const body = { action: 'reset' };
    const told = await gateway().call('POST', pathOf(id, '/power'), { as, body });
    await problemOf(told, 404, 'machine_not_found');
    assert.equal(asked(id), before);
  });

  it('that are newer than the list finds one’s own, however many, and the lists know them then', async () => {
    const as = tokenOf('carol');
    const before = listings();
    for (let count = 0; count <= BUDGET; count += 1) {
      const id = add(`new-${count}`, 'carol');
      assert.equal((await gateway(count % 2).call('GET', pathOf(id), { as })).status, 200);
      await known(id, (view) => view?.name === `new-${count}`);
    }
    assert.equal(listings(), before);
  });

  it('is not so narrow for a portal, which opens what it has just made', async () => {
    const first = 7000;
    for (let id = first; id < first + 2 * BUDGET; id += 1) {
      await problemOf(await open(id, portalToken), 404, 'machine_not_found');
    }
    assert.equal(asked(7), 2 * BUDGET);
  });

  it('that were deleted tells their owner so, and takes them from the lists', async () => {
    const id = await listed('doomed', 'dora');
    cloud.cloud.remove(id);
    const as = tokenOf('dora');
    const { detail } = await problemOf(await open(id, as, 1), 404, 'machine_not_found');
    assert.equal(detail, `hz:${id} is not there any more`);
    await known(id, (view) => view === undefined);
  });

  it('that are given to somebody else while the list is old refuses their last owner', async () => {
    const id = await listed('sold', 'dora');
    const server = cloud.cloud.server(id);
    cloud.cloud.relabel(server, { customer: 'bob' });
    await problemOf(await open(id, tokenOf('dora')), 403, 'forbidden');
    await until(async () => (await open(id, tokenOf('bob'), 1)).status === 201, {
      timeout: 5000,
      what: 'the new owner to be known',
    });
  });

  it('after a switch asks for the one machine, and all gateways have it as it is then', async function () {
    this.timeout(20_000);
    const id = await listed('switched', 'dora');
    const before = listings();
    const body = { action: 'off' };
    const as = tokenOf('dora');
    const told = await gateway().call('POST', pathOf(id, '/power'), { as, body });
    assert.equal(told.status, 202);
    await known(id, (view) => view?.power === 'off');
    assert.equal(listings(), before);
  });
});
