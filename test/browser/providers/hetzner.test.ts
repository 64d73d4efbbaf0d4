import assert from 'node:assert/strict';
import { before, describe, it } from 'mocha';
import { HetznerSimulator } from '../../simulators/hetzner.ts';
import { cleanUp } from '../../support/dispose.ts';
import { QemuPeer } from '../../support/qemu.ts';
import { showsScreen, typesIntoGrub } from '../support/guest.ts';
import { ProviderPortal } from '../support/provider-portal.ts';
import { PHONE, Stage } from '../support/stage.ts';

/** Of the project whose limit is used up: a call every two seconds. */
const SLOW = { limit: 1800, perSecond: 0.5 };

describe("servers of Hetzner's cloud in a browser", function () {
  this.slow(8000);
  // Each wait has its own limit; this one is for all of them together.
  this.timeout(120_000);
  const suite = cleanUp();
  const each = cleanUp('each');
  let cloud: HetznerSimulator;
  let busy: HetznerSimulator;
  let peer: QemuPeer;
  let stage: Stage;
  const ids = new Map<string, string>();

  before(async () => {
    const start = suite.start.bind(suite);
    [cloud, busy, peer] = await Promise.all([
      start(HetznerSimulator.start()),
      start(HetznerSimulator.start({ rate: SLOW })),
      start(QemuPeer.start({ boot: 'grub' })),
    ]);
    const labels = { customer: 'alice' };
    for (const server of [
      { name: 'web' },
      { name: 'sleeper', status: 'off' as const },
      { name: 'locked', status: 'rebuilding' as const },
      { name: 'gone' },
    ]) {
      ids.set(server.name, `hz:${cloud.cloud.add({ ...server, labels, peer }).id}`);
    }
    ids.set('busy', `busy:${busy.cloud.add({ name: 'busy', labels, peer }).id}`);
    const common = { type: 'hetzner', owner: { label: 'customer' } };
    const { token: apiToken, url: baseUrl } = cloud;
    stage = await Stage.start(suite, {
      machines: [],
      config: {
        providers: [
          { ...common, id: 'hz', apiToken, baseUrl },
          {
            ...{ ...common, id: 'busy', apiToken: busy.token, baseUrl: busy.url },
            callsPerHour: SLOW.perSecond * 3600,
          },
          { ...common, id: 'reader', apiToken: cloud.readOnlyToken, baseUrl },
        ],
      },
    });
  });

  const idOf = (name: string): string => ids.get(name) ?? '';

  it('are seen, and take what is typed', async () => {
    const portal = await ProviderPortal.enter(stage, each, 'alice');
    const console = await portal.opens(idOf('web'));
    await typesIntoGrub(console, peer);
    console.assertClean();
  });

  it('that are off are named so, and come up by one click', async () => {
    const console = await stage.open(each, { machine: idOf('sleeper') }, PHONE);
    await console.faulted('machine_not_running');
    await console.says(/hz: server sleeper is off/);
    await console.click('switch-on');
    await console.reaches('connected', 20_000);
    await showsScreen(console, () => peer.screenshot());
    console.assertOnlyRefusals(409);
  });

  it('that nothing can be told now say so when they are to be switched on', async () => {
    const console = await stage.open(each, { machine: idOf('locked') });
    await console.says(/hz: server locked is rebuilding/);
    await console.click('switch-on');
    await console.says(/cannot be switched/);
    assert.equal(await console.state(), 'ended');
  });

  it('wait for their project’s limit of calls, and show that this is the step', async () => {
    const opened = await stage.gateway.open({ machine: idOf('busy') });
    busy.bucket.drain(SLOW.limit);
    const console = await stage.enter(each, opened);
    await console.says(/The cloud limits how often it may be asked. Waiting for our turn/);
    await console.reaches('connected', 20_000);
    await showsScreen(console, () => peer.screenshot());
    console.assertClean();
  });

  it('that were deleted after their console was opened are said to be gone', async () => {
    const opened = await stage.gateway.open({ machine: idOf('gone') });
    cloud.cloud.remove(Number(idOf('gone').split(':')[1]));
    const console = await stage.enter(each, opened);
    await console.faulted('machine_not_found');
    await console.says(/no such machine/);
  });

  it('whose token may only read are not opened, and the token is not told', async () => {
    const machine = idOf('web').replace('hz:', 'reader:');
    const console = await stage.open(each, { machine });
    await console.faulted('provider_refused');
    await console.says(/refuses this gateway. Its administrator has to look/);
    assert.ok(!(await console.words()).includes(cloud.readOnlyToken.slice(0, 12)));
  });
});
