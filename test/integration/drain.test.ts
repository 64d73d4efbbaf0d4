import assert from 'node:assert/strict';
import { before, describe, it } from 'mocha';
import { cleanUp } from '../support/dispose.ts';
import { instruction } from '../support/instructions.ts';
import { until } from '../support/until.ts';
import { GatewayProcess } from './support/gateway-process.ts';
import { startLab } from './support/lab.ts';

const DRAIN_S = 2;

describe('a gateway with time to drain, told to stop', () => {
  const suite = cleanUp();
  let gateway: GatewayProcess;

  before(async function () {
    this.timeout(60_000);
    const config = { listen: { port: 0, drain: DRAIN_S } };
    gateway = await suite.start(GatewayProcess.serve({ ...(await startLab(suite)), config }));
  });

  it('says that it is not ready, keeps what it has, takes nothing new, and then ends', async () => {
    const opened = () => gateway.openRedeemed({ machine: 'lab:desk' });
    const [kept, refused] = [await opened(), await opened()];
    const tunnel = suite.add(await gateway.tunnel(kept));
    await tunnel.pictured();

    const told = performance.now();
    const exited = gateway.signal('SIGTERM');
    const ready = () => fetch(`${gateway.url}/readyz`);
    await until(async () => (await ready()).status === 503, { timeout: 1500, what: 'no readyz' });
    const { missing } = (await (await ready()).json()) as { missing: unknown };
    assert.deepEqual(missing, ['gateway: shutting down']);
    assert.equal((await fetch(`${gateway.url}/healthz`)).status, 200);

    assert.equal((await suite.add(await gateway.tunnel(refused)).closed).code, 503);
    // What guacd answers comes through the tunnel, still.
    const before = tunnel.text.length;
    tunnel.socket.send(instruction('mouse', 100, 100, 0));
    await until(() => tunnel.text.length > before, { timeout: 1500, what: 'the pointer' });
    assert.doesNotMatch(tunnel.text, /shutting_down/);

    assert.deepEqual(await tunnel.closed, { code: 1012, reason: '513' });
    assert.match(tunnel.text, /5\.error,13\.shutting_down/);
    assert.ok(performance.now() - told >= DRAIN_S * 1000, 'not before its time');
    assert.equal((await exited).code, 0);
  });
});
