import assert from 'node:assert/strict';
import { before, describe, it } from 'mocha';
import type { MachineView } from '../../server/contract/index.ts';
import { HetznerSimulator } from '../simulators/hetzner.ts';
import { cleanUp } from '../support/dispose.ts';
import {
  API_TOKENS,
  TestGateway,
  type TestGatewayOptions,
  type TestTunnel,
} from '../support/gateway.ts';
import { grubBooted, sayInGrub } from '../support/grub.ts';
import { startGuacd } from '../support/guacd.ts';
import { QemuPeer } from '../support/qemu.ts';
import { startRedis } from '../support/redis.ts';
import { until } from '../support/until.ts';
import { problemOf } from './support/problem.ts';

const as = API_TOKENS.portal;

/** Keysyms of the keys that are no character. */
const KEYS: Record<string, number> = { Enter: 0xff0d, Backspace: 0xff08 };

describe("a console of a server in Hetzner's cloud", () => {
  const suite = cleanUp();
  const each = cleanUp('each');
  let lab: TestGatewayOptions;
  let gateway: TestGateway;
  let cloud: HetznerSimulator;
  let peer: QemuPeer;
  let web: string;

  before(async function () {
    this.timeout(40_000);
    const start = suite.start.bind(suite);
    const [redis, guacd] = await Promise.all([start(startRedis()), start(startGuacd())]);
    [cloud, peer] = await Promise.all([
      start(HetznerSimulator.start()),
      start(QemuPeer.start({ boot: 'grub' })),
    ]);
    web = `hz:${cloud.cloud.add({ name: 'web', peer }).id}`;
    const { token: apiToken, url: baseUrl } = cloud;
    const providers = [{ id: 'hz', type: 'hetzner', apiToken, baseUrl }];
    lab = { redis, guacd, machines: [], config: { providers } };
    gateway = await start(TestGateway.start(lab));
  });

  const says = (tunnel: TestTunnel, word: string) =>
    sayInGrub(peer, (key) => tunnel.type(KEYS[key] ?? key.charCodeAt(0)), word);

  it('shows its screen and takes what is typed, and does so again after a reconnection', async function () {
    this.timeout(60_000);
    await grubBooted(peer);
    const opened = await gateway.openRedeemed({ machine: web });
    const tunnel = each.add(await gateway.tunnel(opened));
    await tunnel.pictured();
    await says(tunnel, 'hetzner');
    assert.equal((await gateway.view(opened.id)).state, 'connected');
    tunnel.stop();
    await tunnel.closed;
    const again = each.add(await gateway.tunnel(opened));
    await again.pictured();
    await says(again, 'again');
    // A URL is good once: the second connection had one of its own.
    assert.equal(cloud.door.opened, 2);
  });

  it('of one that is off says so, and opens when the API has switched it on', async () => {
    const { id } = cloud.cloud.add({ name: 'sleeper', status: 'off', peer });
    const machine = `hz:${id}`;
    const path = `/machines/${encodeURIComponent(machine)}`;
    const view = async () =>
      (await (await gateway.call('GET', path, { as })).json()) as MachineView;
    assert.deepEqual((await view()).powerActions, ['on']);
    const opened = await gateway.openRedeemed({ machine });
    const refused = await gateway.call('POST', `/consoles/${opened.id}/token`, {
      as: opened.bearer,
      body: {},
    });
    const { detail } = await problemOf(refused, 409, 'machine_not_running');
    assert.equal(detail, 'hz: server sleeper is off');
    const body = { action: 'on' };
    assert.equal((await gateway.call('POST', `${path}/power`, { as, body })).status, 202);
    await until(async () => (await view()).power === 'on', {
      timeout: 5000,
      what: 'the server to run',
    });
    const tunnel = each.add(await gateway.tunnel(await gateway.openRedeemed({ machine })));
    await tunnel.pictured();
  });

  it('waits for the limit of the cloud, which two gateways together never pass', async function () {
    this.timeout(60_000);
    const busy = each.add(await HetznerSimulator.start({ rate: { limit: 36_000, perSecond: 10 } }));
    const ids = ['one', 'two'].map((name) => busy.cloud.add({ name, peer }).id);
    // Others of the project have used nearly all of it up, which no gateway can know before it asks.
    busy.bucket.drain(36_000 - 12);
    const { token: apiToken, url: baseUrl } = busy;
    const providers = [{ id: 'hz', type: 'hetzner', apiToken, baseUrl, callsPerHour: 36_000 }];
    const config = { ...lab, config: { providers } };
    const gateways = [
      each.add(await TestGateway.start(config)),
      each.add(await TestGateway.start(config)),
    ];
    const [first] = gateways;
    assert.ok(first);
    const openMany = (count: number) =>
      Array.from({ length: count }, (_none, index) =>
        (gateways[index % 2] ?? first).open({ machine: `hz:${ids[0]}` }),
      );
    const begun = openMany(6);
    const opened = await first.openRedeemed({ machine: `hz:${ids[1]}` });
    const steps: string[] = [];
    const stop = new AbortController();
    const reading = (async () => {
      for await (const event of first.events(opened.id, opened.bearer, stop.signal))
        if (event.type === 'step') steps.push(event.step);
    })().catch(() => undefined);
    // The limit is contended for as long as it takes: whoever comes has to wait.
    const crowd = (async () => {
      while (!stop.signal.aborted) await Promise.all(openMany(12));
    })();
    // Whatever fails first, they end before the gateways do.
    const ended = Promise.allSettled([...begun, crowd, reading]);
    each.add(() => {
      stop.abort();
      return ended;
    });
    await first.token(opened);
    await until(() => steps.includes('connecting'), {
      timeout: 5000,
      what: 'the steps to be told',
    });
    stop.abort();
    await reading;
    await Promise.all([...begun, crowd]);
    assert.ok(steps.includes('waiting-for-provider'), steps.join());
    assert.ok(busy.calls.length > 12);
    assert.equal(busy.bucket.refused, 0);
  });
});
