import assert from 'node:assert/strict';
import { before, describe, it } from 'mocha';
import { BmcSite } from '../simulators/bmc-pages/bmc-site.ts';
import { ilo } from '../simulators/bmc-pages/ilo.ts';
import { plainBoard } from '../simulators/bmc-pages/plain-board.ts';
import { JavaBoard } from '../simulators/java-board/java-board.ts';
import { cleanUp } from '../support/dispose.ts';
import { API_TOKENS, TestGateway } from '../support/gateway.ts';
import { startGuacd } from '../support/guacd.ts';
import { IpmiPeer } from '../support/ipmi.ts';
import { startRedis } from '../support/redis.ts';
import { until } from '../support/until.ts';

const as = API_TOKENS.portal;

describe("a server's graphical console by its BMC's web page", function () {
  this.timeout(180_000);
  const suite = cleanUp();
  let hpe: BmcSite;
  let plain: BmcSite;
  let old: JavaBoard;
  let gateway: TestGateway;

  before(async () => {
    const start = suite.start.bind(suite);
    const [redis, guacd, ipmi] = await Promise.all([
      start(startRedis()),
      start(startGuacd()),
      start(IpmiPeer.start()),
    ]);
    [hpe, plain, old] = await Promise.all([
      start(BmcSite.start(ilo(6))),
      start(BmcSite.start(plainBoard)),
      start(JavaBoard.start()),
    ]);
    const hostOf = (id: string, { url, fingerprint, username, password }: BmcSite) => ({
      ...{ id, address: '127.0.0.1', port: Number(new URL(url).port), redfish: false },
      ...{ fingerprint, username, password },
      ipmi: { port: ipmi.port, cipherSuite: 3, ...ipmi.admin },
    });
    const hosts = [
      { ...hostOf('ilo', hpe), vendor: 'hpe' },
      { ...hostOf('page', plain), kvm: { driver: 'browser' } },
      { ...hostOf('none', plain), kvm: { enabled: false } },
      { ...hostOf('x9', old.site), kvm: { driver: 'java', java: { javaVersion: '7+' } } },
    ];
    const providers = [{ id: 'metal', type: 'bmc', hosts }];
    const lab = { redis, guacd, machines: [], config: { providers } };
    gateway = await start(TestGateway.start(lab));
  });

  const kindsOf = async (id: string) => {
    const answer = await gateway.call('GET', `/machines/metal:${id}`, { as });
    return ((await answer.json()) as { consoles: string[] }).consoles;
  };

  it('is there where its maker is known or a driver is named', async () => {
    assert.deepEqual(await kindsOf('ilo'), ['kvm', 'sol']);
    assert.deepEqual(await kindsOf('page'), ['kvm', 'sol']);
    assert.deepEqual(await kindsOf('none'), ['sol']);
    assert.deepEqual(await kindsOf('x9'), ['kvm', 'sol']);
  });

  it('is signed in to, takes what is typed at the size that was asked for, and is signed out of', async () => {
    const display = { width: 1600, height: 900 };
    const opened = await gateway.openRedeemed({ machine: 'metal:ilo', kind: 'kvm', display });
    const tunnel = await gateway.tunnel(opened);
    await tunnel.pictured();
    assert.match(tunnel.text, /4\.size,1\.0,4\.1600,3\.900;/);
    await until(() => hpe.consoles === 1, { timeout: 20_000, what: 'the console' });
    const arrived = (): boolean => {
      if (hpe.typed.includes('hello')) return true;
      tunnel.typeText('hello');
      return false;
    };
    await until(arrived, { timeout: 20_000, every: 500, what: 'the keys' });
    await gateway.call('DELETE', `/consoles/${opened.id}`, { as });
    const free = () => hpe.consoles === 0 && hpe.sessions.size === 0;
    await until(free, { timeout: 20_000, what: 'the slot and the session to be given back' });
  });

  it('shows the page as it is where whoever looks signs in', async () => {
    const opened = await gateway.openRedeemed({ machine: 'metal:page', kind: 'kvm' });
    const tunnel = await gateway.tunnel(opened);
    await tunnel.pictured();
    await until(() => plain.calls.length > 0, {
      timeout: 20_000,
      what: 'the page to be asked for',
    });
    assert.equal(plain.sessions.size, 0, 'nobody is signed in');
    await gateway.call('DELETE', `/consoles/${opened.id}`, { as });
  });

  it('that is a Java program takes what is typed, and frees the one place that its board has', async () => {
    const opened = await gateway.openRedeemed({ machine: 'metal:x9', kind: 'kvm' });
    const tunnel = await gateway.tunnel(opened);
    await tunnel.pictured();
    await until(() => old.consoles === 1, { timeout: 110_000, what: 'the console' });
    const arrived = (): boolean => {
      if (old.site.typed.includes('hello')) return true;
      tunnel.typeText('hello');
      return false;
    };
    await until(arrived, { timeout: 60_000, every: 500, what: 'the keys' });
    await gateway.call('DELETE', `/consoles/${opened.id}`, { as });
    const free = () => old.consoles === 0 && old.site.sessions.size === 0;
    await until(free, { timeout: 60_000, what: 'the slot and the session to be given back' });
  });
});
