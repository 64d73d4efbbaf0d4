import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { before, describe, it } from 'mocha';
import { STATUS } from '../../server/contract/index.ts';
import { operations } from '../../server/contract/operations/index.ts';
import { freePort } from '../../server/platform/ports.ts';
import { cleanUp } from '../support/dispose.ts';
import { API_TOKENS, TestGateway, type TestGatewayOptions } from '../support/gateway.ts';
import { logBook } from '../support/log-book.ts';
import type { ServerProcess } from '../support/server-process.ts';
import { until } from '../support/until.ts';
import { startLab } from './support/lab.ts';
import { type Series, scrape } from './support/scrape.ts';
import { upgrade } from './support/upgrade.ts';

const DOCS = join(import.meta.dirname, '../../docs');
const token = logBook.secret(randomBytes(18).toString('base64url'));
const tokenHash = createHash('sha256').update(token).digest('hex');
const bearer = { headers: { authorization: `Bearer ${token}` } };

describe('metrics', () => {
  const suite = cleanUp();
  const each = cleanUp('each');
  let lab: TestGatewayOptions & { readonly redis: ServerProcess };
  /** Has metrics at an address of their own. */
  let gateway: TestGateway;
  let url: string;

  before(async function () {
    this.timeout(30_000);
    lab = await startLab(suite);
    const port = await freePort();
    url = `http://127.0.0.1:${port}/metrics`;
    const metrics = { listen: { port }, tokenHash };
    gateway = await suite.start(TestGateway.start({ ...lab, config: { metrics } }));
  });

  const read = (): Promise<Series> => scrape(url, bearer);

  /** Makes every metric have a value. */
  async function live(): Promise<Series> {
    const opened = await gateway.openRedeemed({ machine: 'lab:desk' });
    const tunnel = each.add(await gateway.tunnel(opened));
    await tunnel.pictured();
    tunnel.type(0x61);
    await upgrade(gateway.url, { path: '/tunnel?token=garbage' });
    return read();
  }

  it('are nowhere until the configuration says who may read them', async () => {
    const silent = await each.start(TestGateway.start(lab));
    const answer = await fetch(`${silent.url}/metrics`, { headers: { accept: 'text/plain' } });
    assert.equal(answer.status, 404);
  });

  it("are at the gateway's own address for whoever has the token", async () => {
    const config = { metrics: { tokenHash } };
    const guarded = await each.start(TestGateway.start({ ...lab, config }));
    const at = `${guarded.url}/metrics`;
    for (const authorization of ['', 'Bearer', `Bearer ${token}x`, `Basic ${token}`]) {
      const refused = await fetch(at, { headers: { authorization } });
      assert.equal(refused.status, 401, authorization);
      assert.equal(((await refused.json()) as { code: string }).code, 'unauthenticated');
    }
    assert.equal((await fetch(at, { method: 'POST', ...bearer })).status, 405);
    const answer = await fetch(at, bearer);
    assert.equal(answer.status, 200);
    assert.match(answer.headers.get('content-type') ?? '', /^text\/plain; version=0\.0\.4/);
    assert.equal(answer.headers.get('cache-control'), 'no-store');
  });

  it('are at an address of their own alone where they have one', async () => {
    const headers = { ...bearer.headers, accept: 'text/plain' };
    assert.equal((await fetch(`${gateway.url}/metrics`, { headers })).status, 404);
    assert.equal((await fetch(url)).status, 401);
    assert.equal((await fetch(url, bearer)).status, 200);
    assert.equal((await fetch(new URL('/api/v1/machines', url), bearer)).status, 404);
  });

  it('follow a tunnel from its opening to its end', async () => {
    const before = await read();
    const opened = await gateway.openRedeemed({ machine: 'lab:desk' });
    const tunnel = each.add(await gateway.tunnel(opened));
    await tunnel.pictured();
    tunnel.type(0x61, 0x62);
    const connected = 'rackside_consoles{state="connected"}';
    const during = await until(
      async () => {
        const now = await read();
        const typed = rise(before, now, 'rackside_tunnel_bytes_total{to="guacd"}');
        return typed >= '3.key,2.97,1.1;'.length * 4 && now.get(connected) === 1 && now;
      },
      { timeout: 10_000, what: 'the keys and the console to be counted' },
    );
    const vnc = '{protocol="vnc"}';
    assert.equal(rise(before, during, `rackside_tunnels_open${vnc}`), 1);
    assert.equal(rise(before, during, `rackside_tunnels_opened_total${vnc}`), 1);
    assert.equal(rise(before, during, `rackside_tunnel_handshake_seconds_count${vnc}`), 1);
    assert.equal(rise(before, during, `rackside_tunnel_first_frame_seconds_count${vnc}`), 1);
    const bytes = rise(before, during, 'rackside_tunnel_bytes_total{to="browser"}');
    assert.ok(bytes >= tunnel.text.length - 60, `${bytes} of ${tunnel.text.length}`);
    assert.equal(during.get('rackside_redis_up'), 1);
    assert.equal(during.get('rackside_guacd_up{location="default"}'), 1);

    await gateway.call('DELETE', `/consoles/${opened.id}`, { as: API_TOKENS.portal });
    await tunnel.closed;
    const after = await read();
    assert.equal(rise(during, after, 'rackside_tunnels_closed_total{reason="console_killed"}'), 1);
    assert.equal(rise(before, after, `rackside_tunnels_open${vnc}`), 0);
    assert.equal(after.get(connected) ?? 0, 0);
  });

  it('count refused upgrades, requests and calls of providers by what became of them', async () => {
    const before = await read();
    await upgrade(gateway.url, { path: '/tunnel?token=garbage' });
    await upgrade(gateway.url, { path: '/tunnel' });
    await gateway.call('GET', '/machines/lab%3Adesk', { as: API_TOKENS.portal });
    await gateway.call('GET', '/machines/lab%3Anone', { as: API_TOKENS.portal });
    await fetch(`${gateway.url}/api/v1/machines/lab%3Adesk`, { method: 'HEAD' });
    const after = await read();
    const rose = (name: string): number => rise(before, after, name);
    assert.equal(rose('rackside_upgrades_refused_total{reason="token_invalid"}'), 1);
    assert.equal(rose('rackside_upgrades_refused_total{reason="token_missing"}'), 1);
    const requests = (status: string): number =>
      rose(`rackside_http_requests_total{operation="getMachine",status="${status}"}`);
    assert.deepEqual([requests('2xx'), requests('4xx')], [1, 2]);
    // The other one is in the list of machines.
    const asked = 'rackside_provider_calls_total{provider="lab",call="get",outcome="ok"}';
    assert.equal(rose(asked), 1);
  });

  it('have no label that a caller could make up', async () => {
    await live();
    const odd = ['/api/v1/%2e%2e/x', '/api/v1/consoles/../../etc', '/no/such/page', '//', '/%00'];
    for (const path of odd) await fetch(`${gateway.url}${path}`, { method: 'PROPFIND' });
    await gateway.call('GET', '/machines/made-up%3Aid', { as: API_TOKENS.portal });
    await gateway.call('GET', `/consoles/${'x'.repeat(500)}`, { as: API_TOKENS.portal });
    await upgrade(gateway.url, { path: '/tunnel?token=made-up' });
    const statuses = Object.keys(STATUS);
    const allowed: Readonly<Record<string, readonly string[] | RegExp>> = {
      protocol: ['vnc', 'rdp', 'ssh', 'telnet'],
      reason: statuses,
      outcome: [...statuses, 'ok', 'cancelled'],
      operation: [...Object.keys(operations), 'page'],
      status: ['2xx', '3xx', '4xx', '5xx', 'cut'],
      provider: ['lab'],
      call: ['list', 'get', 'resolve', 'power', 'other'],
      location: ['default'],
      state: ['starting', 'ready', 'connected', 'detached'],
      to: ['browser', 'guacd'],
      for: ['browser', 'guacd'],
      quantile: ['0.5', '0.99', '1'],
      le: /^([\d.]+|\+Inf)$/,
      version: /^\d+\.\d+\.\d+$/,
      node: /^\d+\.\d+\.\d+$/,
    };
    for (const series of (await read()).keys()) {
      for (const [, label = '', value = ''] of series.matchAll(/(\w+)="([^"]*)"/g)) {
        const values = allowed[label];
        const known = values instanceof RegExp ? values.test(value) : values?.includes(value);
        assert.ok(known, series);
      }
    }
  });

  it('are all in the documentation, and nothing else is', async () => {
    const names = new Set([...(await live()).keys()].map(metricOf));
    const text = await readFile(join(DOCS, 'metrics.md'), 'utf8');
    const documented = [...text.matchAll(/^\| `((?:rackside|process|nodejs)_\w+)` \|/gm)];
    assert.deepEqual(documented.map(([, name = '']) => name).toSorted(), [...names].toSorted());
  });

  it('are all that the dashboard asks for', async () => {
    const series = await live();
    const names = new Set([...series.keys()].map((key) => key.replace(/\{.*/, '')));
    const text = await readFile(join(DOCS, 'grafana-dashboard.json'), 'utf8');
    const { panels } = JSON.parse(text) as {
      panels: { title: string; targets: { expr: string }[] }[];
    };
    const asked = new Set<string>();
    for (const { title, targets } of panels) {
      assert.ok(targets.length > 0, title);
      for (const { expr } of targets) {
        const wanted = [...expr.matchAll(/\b(\w+)\{/g)].map(([, name]) => name ?? '');
        assert.ok(wanted.length > 0, expr);
        for (const name of wanted) {
          assert.ok(names.has(name), `${title}: there is no ${name}`);
          asked.add(metricOf(name));
        }
        for (const [, label = ''] of expr.matchAll(/(?:by \(|, )(\w+)(?=[,)])/g)) {
          const known = [...series.keys()].some(
            (key) => wanted.includes(key.replace(/\{.*/, '')) && key.includes(`${label}="`),
          );
          assert.ok(known || label === 'instance', `${title}: nothing has the label ${label}`);
        }
      }
    }
    const shown = [...names].map(metricOf).filter((name) => name !== 'rackside_build_info');
    assert.deepEqual([...asked].toSorted(), [...new Set(shown)].toSorted());
  });

  it('tell how it is while Redis is away', async function () {
    this.timeout(20_000);
    await lab.redis.kill();
    try {
      const away = async (): Promise<boolean> => (await read()).get('rackside_redis_up') === 0;
      await until(away, { timeout: 5000, what: 'Redis to be told as away' });
      const states = [...(await read()).keys()].filter((key) =>
        key.startsWith('rackside_consoles'),
      );
      assert.deepEqual(states, []);
    } finally {
      await lab.redis.restart();
    }
  });
});

function rise(before: Series, after: Series, series: string): number {
  return (after.get(series) ?? 0) - (before.get(series) ?? 0);
}

/** The metric that a series is of: a histogram has three kinds. */
function metricOf(series: string): string {
  return series.replace(/\{.*/, '').replace(/_(bucket|sum|count)$/, '');
}
