import assert from 'node:assert/strict';
import { before, describe, it } from 'mocha';
import type { StatusCode } from '../../server/contract/index.ts';
import { RedfishSimulator } from '../simulators/redfish.ts';
import { cleanUp } from '../support/dispose.ts';
import { API_TOKENS, type TestConsole, TestGateway } from '../support/gateway.ts';
import { startGuacd } from '../support/guacd.ts';
import { logBook } from '../support/log-book.ts';
import { QemuPeer } from '../support/qemu.ts';
import { startRedis } from '../support/redis.ts';
import { until } from '../support/until.ts';
import { assertTypesIntoGrub } from './support/grub.ts';
import { problemOf } from './support/problem.ts';

const as = API_TOKENS.portal;
const PASSWORD = 'VNCServer.1.Password';
const ENABLE = 'VNCServer.1.Enable';

describe("a console by an iDRAC's own VNC server", () => {
  const suite = cleanUp();
  const each = cleanUp('each');
  let gateway: TestGateway;
  let bmc: RedfishSimulator;
  let screen: QemuPeer;
  const passwords: string[] = [];

  before(async function () {
    this.timeout(60_000);
    const start = suite.start.bind(suite);
    const [redis, guacd] = await Promise.all([start(startRedis()), start(startGuacd())]);
    [bmc, screen] = await Promise.all([
      start(RedfishSimulator.start({ vendor: 'dell' })),
      start(QemuPeer.start({ boot: 'grub' })),
    ]);
    const { hardware } = bmc;
    hardware.attributes['VNCServer.1.Port'] = screen.port;
    // The real server takes what the iDRAC was told, and nothing while it is off.
    hardware.onAttributes = async () => {
      const password = logBook.secret(String(hardware.attributes[PASSWORD]));
      const on = hardware.attributes[ENABLE] === 'Enabled';
      if (on) passwords.push(password);
      await screen.setPassword(password, on ? 'never' : 'now');
    };
    const hosts = [{ id: 'r640', ...bmc.section }];
    const providers = [{ id: 'metal', type: 'bmc', hosts }];
    const lab = { redis, guacd, machines: [], config: { providers } };
    gateway = await start(TestGateway.start(lab));
  });

  const open = () => gateway.openRedeemed({ machine: 'metal:r640', kind: 'vnc' });
  const close = (id: string) => gateway.call('DELETE', `/consoles/${id}`, { as });
  const isOff = () =>
    until(() => bmc.hardware.attributes[ENABLE] === 'Disabled', {
      timeout: 5000,
      what: 'the VNC server to be off again',
    });

  /** As the page does: it comes again while the console before it is being let go. */
  const tunnelOf = (opened: TestConsole) =>
    until(() => gateway.tunnel(opened), { timeout: 5000, what: 'the screen to be free' });

  async function refusal(status: number, code: StatusCode): Promise<string> {
    const { id, bearer } = await open();
    const answer = await gateway.call('POST', `/consoles/${id}/token`, { as: bearer, body: {} });
    return (await problemOf(answer, status, code)).detail;
  }

  for (const at of ['Attributes', 'Oem/Dell/DellAttributes/iDRAC.Embedded.1'] as const) {
    it(`is switched on for it, with a password of its own, by ${at}`, async () => {
      bmc.hardware.attributesAt = at;
      const before = { ...bmc.hardware.attributes };
      const opened = await open();
      await each.add(await tunnelOf(opened)).pictured();
      assert.equal(bmc.hardware.attributes['VNCServer.1.SSLEncryptionBitLength'], 'Disabled');
      assert.equal(passwords.at(-1)?.length, 8);
      await close(opened.id);
      await isOff();
      assert.deepEqual(
        { ...bmc.hardware.attributes, [PASSWORD]: '' },
        { ...before, [PASSWORD]: '' },
      );
      assert.equal(new Set(passwords).size, passwords.length);
    });
  }

  it('is for one at a time', async () => {
    const first = await open();
    await each.add(await tunnelOf(first)).pictured();
    assert.match(await refusal(503, 'target_busy'), /another console has its screen/);
    await close(first.id);
    await isOff();
  });

  it('is not to be had without the licence, and says so', async () => {
    bmc.hardware.licences.delete('vnc');
    each.add(() => void bmc.hardware.licences.add('vnc'));
    assert.match(await refusal(422, 'bmc_license_missing'), /Enterprise licence/);
  });

  it('takes what is typed', async function () {
    this.timeout(90_000);
    const opened = await open();
    const tunnel = each.add(await tunnelOf(opened));
    await tunnel.pictured();
    await assertTypesIntoGrub(tunnel, screen);
    await close(opened.id);
    await isOff();
  });
});
