import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { HeldRefusal } from '../../server/providers/held-refusal.ts';
import { RedfishClient } from '../../server/providers/bmc/redfish/client.ts';
import { RedfishSession } from '../../server/providers/bmc/redfish/session.ts';
import {
  TemporaryUsers,
  temporaryName,
} from '../../server/providers/bmc/redfish/temporary-user.ts';
import { RemoteHttp } from '../../server/providers/remote-http.ts';
import { Secret } from '../../server/secret.ts';
import { RedfishSimulator } from '../simulators/redfish.ts';
import type { SimulatedVendor } from '../simulators/redfish/vendors.ts';
import { cleanUp } from '../support/dispose.ts';

describe('an account of a console’s own on a BMC', () => {
  const each = cleanUp('each');
  const { signal } = new AbortController();
  const role = 'Operator';

  async function start(vendor: SimulatedVendor) {
    const bmc = await each.start(RedfishSimulator.start({ vendor }));
    const name = 'metal: node';
    const http = new RemoteHttp({
      name,
      base: new URL(`https://127.0.0.1:${bmc.port}`),
      ca: bmc.ca,
    });
    each.add(() => http.close());
    const account = { username: bmc.username, password: new Secret(bmc.password) };
    const refusal = new HeldRefusal(Date.now, 60_000);
    const session = new RedfishSession({ name, http, ...account, refusal });
    each.add(() => session.logOut());
    const client = new RedfishClient({ name, http, session });
    return { bmc, users: new TemporaryUsers({ name, client, slots: vendor === 'dell' }) };
  }

  for (const vendor of ['hpe', 'dell', 'ami', 'openbmc'] as const) {
    it(`is made and deleted on ${vendor}`, async () => {
      const { bmc, users } = await start(vendor);
      const name = temporaryName();
      const password = await users.create(name, role, signal);
      assert.ok(name.length <= 16 && password.reveal().length <= 20, 'IPMI takes no longer ones');
      assert.equal(bmc.accounts.check(name, password.reveal()).role, role);
      await users.delete(name, signal);
      assert.equal(bmc.accounts.named(name), undefined);
      assert.ok(bmc.accounts.named(bmc.username), 'the others are left alone');
      await users.delete(name, signal);
    });
  }

  for (const vendor of ['hpe', 'dell'] as const) {
    it(`is not to be had where ${vendor} has no more, and that is said`, async () => {
      const { bmc, users } = await start(vendor);
      while (bmc.accounts.slots.size < 15) bmc.accounts.add(`u${bmc.accounts.slots.size}`, 'x');
      const full = users.create(temporaryName(), role, signal);
      await assert.rejects(full, { status: 'bmc_slots_full' });
    });
  }
});
