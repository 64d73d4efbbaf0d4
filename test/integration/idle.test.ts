import assert from 'node:assert/strict';
import { before, describe, it } from 'mocha';
import { cleanUp } from '../support/dispose.ts';
import { TestGateway, type TestGatewayOptions } from '../support/gateway.ts';
import { until } from '../support/until.ts';
import { startLab } from './support/lab.ts';

const IDLE_MS = 2000;
const KEY_A = 0x61;

describe('a console that nobody uses', () => {
  const suite = cleanUp();
  const each = cleanUp('each');
  let options: TestGatewayOptions;

  before(async function () {
    this.timeout(40_000);
    options = { ...(await startLab(suite)), config: { consoles: { idle: IDLE_MS / 1000 } } };
  });

  async function shown(gateway: TestGateway) {
    const opened = await gateway.openRedeemed({ machine: 'lab:desk' });
    const tunnel = each.add(await gateway.tunnel(opened));
    await tunnel.pictured();
    return { opened, tunnel };
  }

  it('is closed everywhere, though its page pings and answers guacd all the time', async () => {
    const gateway = await each.start(TestGateway.start(options));
    const { opened, tunnel } = await shown(gateway);
    const began = Date.now();
    const pinging = setInterval(() => tunnel.socket.send('0.,4.ping,1.1;4.sync,1.1;3.nop;'), 100);
    each.add(() => clearInterval(pinging));
    assert.deepEqual(await tunnel.closed, { code: 4002, reason: '522' });
    const after = Date.now() - began;
    assert.ok(after > IDLE_MS - 500 && after < IDLE_MS + 1500, `closed after ${after} ms`);
    const view = await gateway.view(opened.id);
    assert.deepEqual([view.state, view.reason], ['closed', 'idle']);
  });

  it('is kept by any key, and says until when', async () => {
    const gateway = await each.start(TestGateway.start(options));
    const { opened, tunnel } = await shown(gateway);
    const first = await until(async () => (await gateway.view(opened.id)).idleAt, {
      timeout: 2000,
      what: 'the moment of its idleness',
    });
    const typing = setInterval(() => tunnel.type(KEY_A), 250);
    each.add(() => clearInterval(typing));
    // Past the first moment it is still there, since the moment has moved.
    await until(() => Date.now() > Date.parse(first) + 700, { timeout: 5000, what: 'that moment' });
    const view = await gateway.view(opened.id);
    assert.equal(view.state, 'connected');
    assert.ok(Date.parse(view.idleAt ?? '') > Date.parse(first));
  });
});
