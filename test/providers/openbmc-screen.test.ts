import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { describe, it } from 'mocha';
import { HeldRefusal } from '../../server/providers/held-refusal.ts';
import { openBmcSocket, spoken } from '../../server/providers/bmc/redfish/openbmc-socket.ts';
import { RedfishSession } from '../../server/providers/bmc/redfish/session.ts';
import { RemoteHttp } from '../../server/providers/remote-http.ts';
import { Secret } from '../../server/secret.ts';
import { RedfishSimulator } from '../simulators/redfish.ts';
import { OpenBmcSockets } from '../simulators/redfish/openbmc-sockets.ts';
import { cleanUp } from '../support/dispose.ts';
import { until } from '../support/until.ts';

describe("a screen of OpenBMC's", () => {
  const each = cleanUp('each');

  it('that says nothing is left when nobody waits any more', async () => {
    const mute = createServer().listen(0, '127.0.0.1');
    each.add(() => void mute.close());
    await once(mute, 'listening');
    const { port: screen } = mute.address() as AddressInfo;
    const bmc = await each.start(RedfishSimulator.start({ vendor: 'openbmc' }));
    const sockets = new OpenBmcSockets(bmc.accounts, { screen });
    bmc.upgrades.push(sockets.handle);
    const { ca, username } = bmc;
    const [name, base] = ['metal: node', new URL(`https://127.0.0.1:${bmc.port}`)];
    const http = new RemoteHttp({ name, base, ca });
    each.add(() => http.close());
    const account = { username, password: new Secret(bmc.password) };
    const refusal = new HeldRefusal(Date.now, 60_000);
    const session = new RedfishSession({ name, http, ...account, refusal, lasting: true });
    each.add(() => session.logOut());
    const abort = new AbortController();
    const stream = await openBmcSocket({ name, base, session, ca }, '/kvm/0', abort.signal);
    assert.equal(sockets.viewers, 1);
    const told = assert.rejects(spoken(name, stream, abort.signal), { status: 'target_lost' });
    abort.abort();
    await told;
    await until(() => sockets.viewers === 0, { timeout: 2000, what: 'the BMC to be left' });
  });
});
