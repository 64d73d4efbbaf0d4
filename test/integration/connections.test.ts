import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { before, describe, it } from 'mocha';
import type { AuditRecord } from '../../server/contract/index.ts';
import { cleanUp } from '../support/dispose.ts';
import { API_TOKENS, type Held, TestGateway, type TestTunnel } from '../support/gateway.ts';
import { startGuacd } from '../support/guacd.ts';
import { logBook } from '../support/log-book.ts';
import { startRedis } from '../support/redis.ts';
import { until } from '../support/until.ts';
import { startVnc } from '../support/vnc.ts';
import { auditOf, auditTrail, momentLater } from './support/audit.ts';
import { problemOf } from './support/problem.ts';
import { redeem, share, watch } from './support/sharing.ts';
import { configToken } from './support/staff.ts';

const boss = configToken('root', 'admin');
const power = configToken('switch', 'support', { actions: ['power'] });
/** Tunnels of one browser, and streams of events. */
const MOST = 8;
const MAX_VIEWERS = 20;

describe('connections to a console', function () {
  this.timeout(60_000);
  const suite = cleanUp();
  const each = cleanUp('each');
  let gateway: TestGateway;

  before(async function () {
    this.timeout(60_000);
    const [redis, guacd, vnc] = await Promise.all([
      suite.start(startRedis()),
      suite.start(startGuacd()),
      suite.start(startVnc()),
    ]);
    const { host, port } = vnc;
    const password = logBook.secret(vnc.password);
    const machines = [
      { id: 'desk', owner: 'alice', consoles: { vnc: { host, port, password } } },
      { id: 'dark', owner: 'alice', consoles: { vnc: { host: '127.0.0.1', port: 1 } } },
    ];
    const tokenOf = (name: string, role: string, token: string) => {
      return { name, role, tokenHash: createHash('sha256').update(token).digest('hex') };
    };
    const apiTokens = [
      boss.line,
      tokenOf('portal', 'support', API_TOKENS.portal),
      tokenOf('alice', 'customer', API_TOKENS.customer),
      power.line,
    ];
    const options = { redis, guacd, machines, config: { apiTokens } };
    gateway = await suite.start(TestGateway.start(options));
  });

  const said = ({ action, who, via, result }: AuditRecord) => [action, who, via, result].join(' ');
  const look = async (who: Held): Promise<TestTunnel> => {
    const tunnel = each.add(await gateway.tunnel(who));
    await tunnel.pictured();
    return tunnel;
  };

  /** A stream of a console's events as one of its pages reads it. */
  async function follow({ id, bearer }: Held) {
    const leaving = new AbortController();
    const leave = () => leaving.abort();
    each.add(leave);
    const answer = await fetch(`${gateway.url}/api/v1/consoles/${id}/events`, {
      headers: { authorization: `Bearer ${bearer}` },
      signal: leaving.signal,
    });
    return { answer, leave };
  }

  it('of a guest are a guest’s in the trail, whatever they call themselves and how often', async () => {
    const opened = await gateway.openRedeemed({ machine: 'lab:desk', user: 'alice' });
    await look(opened);
    await until(async () => (await gateway.view(opened.id)).state === 'connected', {
      timeout: 5000,
      what: 'the console to run',
    });
    const link = await share(gateway, opened);
    const guest = await watch(gateway, opened, link, { name: 'root' });
    await look(guest);
    const story = await auditOf(gateway, boss.token, `console=${opened.id}`, 6);
    assert.deepEqual(story.slice(3).map(said), [
      'share alice console ok',
      'redeem  guest ok',
      'connect  guest ok',
    ]);
    assert.equal((await auditTrail(gateway, boss.token, 'who=root&action=connect')).length, 0);
  });

  it('to a machine that is not there are no success, and one failure however often they are tried', async () => {
    const opened = await gateway.openRedeemed({ machine: 'lab:dark', user: 'alice' });
    for (let tries = 0; tries < 3; tries += 1) {
      const tunnel = each.add(await gateway.tunnel(opened));
      await tunnel.closed;
    }
    const story = await auditOf(gateway, boss.token, `console=${opened.id}`, 3);
    assert.deepEqual(story.map(said), [
      'open portal token ok',
      'redeem alice console ok',
      'connect alice console target_unreachable',
    ]);
    await gateway.call('DELETE', `/consoles/${opened.id}`, { as: API_TOKENS.portal });
    assert.equal((await auditOf(gateway, boss.token, `console=${opened.id}`, 4)).length, 4);
  });

  it('are only so many of one viewer, who leaves the others theirs', async () => {
    const opened = await gateway.openRedeemed({ machine: 'lab:desk' });
    await look(opened);
    const link = await share(gateway, opened);
    const greedy = await watch(gateway, opened, link);
    for (let n = 0; n < MOST; n += 1) {
      await once(each.add(await gateway.tunnel(greedy)).socket, 'open');
    }
    const refused = each.add(await gateway.tunnel(greedy));
    assert.deepEqual(await refused.closed, { code: 429, reason: '' });
    await look(await watch(gateway, opened, link));
  });

  it('are followed by so many streams of events of one browser', async () => {
    const opened = await gateway.openRedeemed({ machine: 'lab:desk' });
    const streams = [];
    for (let n = 0; n < MOST; n += 1) streams.push(await follow(opened));
    await problemOf((await follow(opened)).answer, 429, 'rate_limited');
    streams[0]?.leave();
    await until(async () => (await follow(opened)).answer.status === 200, {
      timeout: 5000,
      what: 'a place for one more stream',
    });
    const head = await gateway.call('HEAD', `/consoles/${opened.id}/events`, { as: opened.bearer });
    assert.equal(head.status, 405);
  });

  it('are followed by the holder however many streams its viewers have', async () => {
    const opened = await gateway.openRedeemed({ machine: 'lab:desk' });
    const link = await share(gateway, opened);
    const takesAll = async () => {
      const viewer = await watch(gateway, opened, link);
      const taken = await Promise.all(Array.from({ length: MOST }, () => follow(viewer)));
      for (const { answer } of taken) assert.equal(answer.status, 200);
      await problemOf((await follow(viewer)).answer, 429, 'rate_limited');
    };
    await Promise.all(Array.from({ length: MAX_VIEWERS }, takesAll));
    assert.equal((await follow(opened)).answer.status, 200);
  });

  it('cannot be had by many links to one console in an hour', async function () {
    this.timeout(60_000);
    const opened = await gateway.openRedeemed({ machine: 'lab:desk' });
    const made = async () => {
      const link = await share(gateway, opened);
      const path = `/consoles/${opened.id}/shares/${link.id}`;
      await gateway.call('DELETE', path, { as: opened.bearer });
    };
    for (let n = 0; n < 100; n += 1) await made();
    const path = `/consoles/${opened.id}/share`;
    const answer = await gateway.call('POST', path, { as: opened.bearer, body: {} });
    await problemOf(answer, 429, 'rate_limited');
  });

  it('that were tried under another spelling of the path are refused and told', async () => {
    const since = await momentLater();
    const body = { machine: 'lab:dark', user: 'bob' };
    const answer = await gateway.call('POST', '/Consoles', { as: API_TOKENS.customer, body });
    await problemOf(answer, 403, 'forbidden');
    const [told] = await auditOf(
      gateway,
      boss.token,
      `action=open&result=forbidden&since=${since}`,
      1,
    );
    assert.equal(told?.machine, 'lab:dark');
  });

  it('are not needed to switch a machine: a token for that alone finds it', async () => {
    const body = { action: 'on' };
    const answer = await gateway.call('POST', '/machines/lab:dark/power', {
      as: power.token,
      body,
    });
    await problemOf(answer, 422, 'power_unavailable');
    const list = await gateway.call('GET', '/machines/lab:dark', { as: power.token });
    await problemOf(list, 404, 'machine_not_found');
  });

  it('are told why they are over for a while after the console’s time', async () => {
    const opened = await gateway.open({ machine: 'lab:desk', ttl: 1 });
    await until(async () => (await gateway.view(opened.id)).state === 'closed', {
      timeout: 5000,
      what: 'the console to expire',
    });
    const late = await redeem(gateway, opened.id, { key: opened.launchKey });
    await problemOf(late, 410, 'console_expired');
  });
});
