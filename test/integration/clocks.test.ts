import assert from 'node:assert/strict';
import { before, describe, it } from 'mocha';
import WebSocket from 'ws';
import { cleanUp } from '../support/dispose.ts';
import { type TestConsole, type TestGatewayOptions, TestTunnel } from '../support/gateway.ts';
import { logBook } from '../support/log-book.ts';
import { GatewayProcess } from './support/gateway-process.ts';
import { startLab } from './support/lab.ts';

describe('replicas whose clocks are wrong', () => {
  const suite = cleanUp();
  const each = cleanUp('each');
  /** Redis goes by the right time, as this test does. */
  let fast: GatewayProcess;
  let slow: GatewayProcess;

  before(async function () {
    this.timeout(60_000);
    const lab = await startLab(suite);
    const config = { consoles: { ttl: 4, maxTtl: 6, extendStep: 2, tokenTtl: 2 } };
    const options: TestGatewayOptions = { ...lab, config };
    [fast, slow] = await Promise.all([
      suite.start(GatewayProcess.serve(options, { clock: '+20s' })),
      suite.start(GatewayProcess.serve(options, { clock: '-20s' })),
    ]);
  });

  /** A tunnel at one replica, with a token of another. */
  async function tunnelAt(at: GatewayProcess, by: GatewayProcess, opened: TestConsole) {
    const { token } = await by.token(opened);
    const url = `${at.url.replace('http', 'ws')}/tunnel?token=${token}`;
    const tunnel = each.add(new TestTunnel(new WebSocket(url, 'guacamole')));
    await tunnel.pictured();
    return tunnel;
  }
  const endOf = async ({ closed }: TestTunnel) => {
    assert.deepEqual(await closed, { code: 4001, reason: '522' });
    return Date.now();
  };

  it('are really wrong', () => {
    const said = [...logBook.text.matchAll(/"aheadMs":(-?\d+)/g)].map(([, ms]) => Number(ms));
    assert.deepEqual(new Set(said.map((ms) => Math.round(ms / 1000))), new Set([-20, 20]));
  });

  for (const who of ['fast', 'slow'] as const) {
    it(`end a console of the ${who} one at the same moment, and at the right one`, async () => {
      const [by, other] = who === 'fast' ? [fast, slow] : [slow, fast];
      const opened = await by.openRedeemed({ machine: 'lab:desk' });
      assert.ok(Math.abs(Date.parse(opened.createdAt) - Date.now()) < 1000);
      // Each takes the other's token, which is good for two seconds only, and the bearer.
      const tunnels = [await tunnelAt(by, other, opened), await tunnelAt(other, by, opened)];
      const extended = await other.call('POST', `/consoles/${opened.id}/extend`, {
        as: opened.bearer,
        body: { seconds: 1 },
      });
      const { expiresAt } = (await extended.json()) as { expiresAt: string };
      assert.equal(Date.parse(expiresAt) - Date.parse(opened.expiresAt), 1000);
      const [one = 0, two = 0] = await Promise.all(tunnels.map(endOf));
      assert.ok(Math.abs(one - two) < 200, `${one - two} ms apart`);
      for (const end of [one, two]) {
        const late = end - Date.parse(expiresAt);
        assert.ok(late >= -5 && late < 300, `ended ${late} ms after its deadline`);
      }
    });
  }
});
