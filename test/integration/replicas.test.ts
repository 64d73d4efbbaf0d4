import assert from 'node:assert/strict';
import { before, describe, it } from 'mocha';
import { cleanUp } from '../support/dispose.ts';
import {
  API_TOKENS,
  PASSWORDS,
  type Held,
  type TestConsole,
  type TestGateway,
  type TestTunnel,
} from '../support/gateway.ts';
import { until } from '../support/until.ts';
import { auditOf } from './support/audit.ts';
import { REPLICA_HEADER } from './support/balancer.ts';
import type { GatewayProcess } from './support/gateway-process.ts';
import { ADMIN_TOKEN, startReplicas } from './support/replicas.ts';
import { share, watch } from './support/sharing.ts';

for (const kind of ['haproxy', 'nginx'] as const) {
  describe(`two gateways behind ${kind}, with nothing sticky`, () => {
    const suite = cleanUp();
    const each = cleanUp('each');
    /** Whichever of the two answers. */
    let gateway: TestGateway;
    let replicas: GatewayProcess[];

    before(async function () {
      this.timeout(60_000);
      ({ gateway, replicas } = await startReplicas(kind, suite));
    });

    const path = ({ id }: { id: string }) => `/consoles/${id}`;

    /** A shown tunnel of the same console at each of the two gateways. */
    async function tunnels(opened: Held): Promise<TestTunnel[]> {
      const found = new Map<string, TestTunnel>();
      for (let tries = 0; found.size < 2 && tries < 6; tries += 1) {
        const tunnel = each.add(await gateway.tunnel(opened));
        const replica = new Promise<string>((resolve) => {
          tunnel.socket.once('upgrade', ({ headers }) => resolve(String(headers[REPLICA_HEADER])));
        });
        await tunnel.pictured();
        found.set(await replica, tunnel);
        // They take turns: with an even number of requests each tunnel would be at the same one.
        await gateway.view(opened.id);
      }
      assert.equal(found.size, 2);
      return [...found.values()];
    }

    it('know one session', async () => {
      const login = await gateway.call('POST', '/login', {
        body: { username: 'alice', password: PASSWORDS.alice },
      });
      const cookie = login.headers
        .getSetCookie()
        .map((set) => set.split(';')[0])
        .join('; ');
      const seen = new Set<string | null>();
      while (seen.size < 2) {
        const me = await gateway.call('GET', '/me', { headers: { cookie } });
        assert.equal(me.status, 200, await me.text());
        seen.add(me.headers.get(REPLICA_HEADER));
      }
    });

    it('extend and kill a console of both, and tell one story of it', async () => {
      const opened = await gateway.openRedeemed({ machine: 'lab:desk', user: 'alice' });
      const both = await tunnels(opened);
      const told = statesOf(gateway, opened);
      const extended = await gateway.call('POST', `${path(opened)}/extend`, {
        as: opened.bearer,
        body: { seconds: 60 },
      });
      const { expiresAt } = (await extended.json()) as { expiresAt: string };
      assert.equal(Date.parse(expiresAt) - Date.parse(opened.expiresAt), 60_000);
      const killed = await gateway.call('DELETE', path(opened), { as: API_TOKENS.portal });
      assert.equal(killed.status, 204);
      for (const { closed } of both) assert.deepEqual(await closed, { code: 4004, reason: '523' });
      const states = await told;
      assert.ok(states.some((state) => state.expiresAt === expiresAt));
      assert.deepEqual([states.at(-1)?.state, states.at(-1)?.reason], ['closed', 'killed']);

      await auditOf(gateway, ADMIN_TOKEN, `console=${opened.id}&action=close`, 1);
      for (let look = 0; look < 2; look += 1) {
        const answer = await gateway.call('GET', `/audit?console=${opened.id}&limit=200`, {
          as: ADMIN_TOKEN,
        });
        const { items } = (await answer.json()) as { items: { action: string; at: string }[] };
        const story = items.toReversed();
        assert.deepEqual(
          [story[0]?.action, story[1]?.action, story.at(-2)?.action, story.at(-1)?.action],
          ['open', 'redeem', 'extend', 'close'],
        );
        const times = story.map(({ at }) => Date.parse(at));
        assert.deepEqual(
          times,
          times.toSorted((a, b) => a - b),
        );
      }
    });

    it('show a shared console to its guests at both, and end that at both', async () => {
      const opened = await gateway.openRedeemed({ machine: 'lab:desk', user: 'alice' });
      const own = each.add(await gateway.tunnel(opened));
      await own.pictured();
      const link = await share(gateway, opened);
      const guests = await tunnels(await watch(gateway, opened, link));
      const revoked = await gateway.call('DELETE', `${path(opened)}/shares/${link.id}`, {
        as: opened.bearer,
      });
      assert.equal(revoked.status, 204, await revoked.text());
      const ends = await Promise.all(guests.map(({ closed }) => closed));
      assert.equal(new Set(ends.map(({ code }) => code)).size, 1);
      assert.ok((ends[0]?.code ?? 0) >= 4000, JSON.stringify(ends));
      assert.equal((await gateway.view(opened.id)).state, 'connected');
    });

    it('end a console at the same moment when its time is over', async () => {
      const opened = await gateway.openRedeemed({ machine: 'lab:desk', ttl: 4 });
      const ends = (await tunnels(opened)).map(async ({ closed }) => {
        assert.deepEqual(await closed, { code: 4001, reason: '522' });
        return Date.now();
      });
      const [one = 0, other = 0] = await Promise.all(ends);
      assert.ok(Math.abs(one - other) < 200, `${one - other} ms apart`);
      const late = one - Date.parse(opened.expiresAt);
      assert.ok(late >= -5 && late < 500, `${late} ms late`);
    });

    it('lose nothing but their tunnels when one of them dies', async function () {
      this.timeout(40_000);
      const opened = await gateway.openRedeemed({ machine: 'lab:desk' });
      const both = await tunnels(opened);
      const [dying, living] = replicas;
      await dying?.signal('SIGKILL');
      const [first] = await Promise.all([
        Promise.race(both.map(({ closed }) => closed)),
        until(
          async () => {
            const answers = await Promise.all(
              Array.from({ length: 6 }, () =>
                gateway.call('GET', '/me', { as: API_TOKENS.portal }),
              ),
            );
            return answers.every(({ status }) => status === 200);
          },
          { timeout: 10_000, what: 'the other one to answer all' },
        ),
      ]);
      // Cut, not closed: the page connects again by itself.
      assert.equal(first.code, 1006);
      const again = each.add(await gateway.tunnel(opened));
      await again.pictured();
      assert.equal((await gateway.view(opened.id)).state, 'connected');

      const stopped = living?.signal('SIGTERM');
      assert.deepEqual(await again.closed, { code: 1012, reason: '513' });
      assert.equal((await stopped)?.code, 0);
    });
  });
}

/** What a console's events told, to their end. */
async function statesOf(gateway: TestGateway, { id, bearer }: TestConsole) {
  const states = [];
  for await (const event of gateway.events(id, bearer)) {
    if (event.type === 'state') states.push(event.console);
  }
  return states;
}
