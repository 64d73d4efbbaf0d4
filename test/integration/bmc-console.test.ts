import assert from 'node:assert/strict';
import { before, describe, it } from 'mocha';
import { TestScreens } from '../kvm/support/screens.ts';
import { BmcSite } from '../simulators/bmc-pages/bmc-site.ts';
import { ilo } from '../simulators/bmc-pages/ilo.ts';
import { cleanUp } from '../support/dispose.ts';
import { TestGateway } from '../support/gateway.ts';
import { startGuacd } from '../support/guacd.ts';
import { logBook } from '../support/log-book.ts';
import { startRedis } from '../support/redis.ts';
import { until } from '../support/until.ts';

describe('a BMC’s console through the tunnel', function () {
  this.timeout(60_000);
  const suite = cleanUp();
  let site: BmcSite;
  let gateway: TestGateway;

  before(async () => {
    const [redis, guacd, screens, bmc] = await Promise.all([
      suite.start(startRedis()),
      suite.start(startGuacd()),
      suite.start(TestScreens.start()),
      suite.start(BmcSite.start(ilo(6))),
    ]);
    site = bmc;
    const { endpoint } = await screens.open(site, { vendor: 'hpe' });
    const { host, port, parameters } = endpoint;
    const password = logBook.secret(parameters['password'] ?? '');
    const machines = [{ id: 'u12', name: 'u12', consoles: { vnc: { host, port, password } } }];
    gateway = await suite.start(TestGateway.start({ redis, guacd, machines }));
  });

  it('takes the keys that its two viewers type, one after the other', async () => {
    for (const text of ['hello', 'again']) {
      const opened = await gateway.openRedeemed({ machine: 'lab:u12' });
      const tunnel = await gateway.tunnel(opened);
      await tunnel.pictured();
      await until(() => site.consoles === 1, { timeout: 20_000, what: 'the console' });
      const arrived = (): boolean => {
        if (site.typed.includes(text)) return true;
        tunnel.typeText(text);
        return false;
      };
      await until(arrived, { timeout: 20_000, every: 500, what: 'the keys' });
      tunnel.stop();
    }
    assert.equal(site.sessions.size, 1, 'signed in once for both');
  });
});
