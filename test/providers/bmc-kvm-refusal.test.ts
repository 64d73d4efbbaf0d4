import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import type { StatusCode } from '../../server/contract/index.ts';
import { GatewayError } from '../../server/errors.ts';
import type { KvmConsoles } from '../../server/providers/provider-context.ts';
import { bmcProvider } from './support/bmc.ts';

const MINUTE = 60_000;
const HOST = {
  ...{ id: 'x9', address: '127.0.0.1', username: 'ADMIN', password: 'not this one' },
  ...{ fingerprint: 'ab'.repeat(32), redfish: false, ipmi: { enabled: true } },
};
const DRIVERS = [{ driver: 'java' }, { driver: 'supermicro' }];

describe('a password that a BMC’s console has refused', () => {
  let time = 0;

  /** Counts sign-ins; each ends like this, after the console is open or before. */
  const begin = (kvm: object, status: StatusCode, when: 'before' | 'later') => {
    const counted = { signIns: 0 };
    const endpoint = { fields: {}, release: async () => undefined };
    const consoles: KvmConsoles = {
      async open({ onFault }) {
        counted.signIns += 1;
        const error = new GatewayError(status, 'metal: x9: no');
        if (when === 'before') throw error;
        onFault(error);
        return endpoint as unknown as Awaited<ReturnType<KvmConsoles['open']>>;
      },
    };
    const provider = bmcProvider([{ ...HOST, kvm }], { kvm: consoles, now: () => time });
    const open = () =>
      provider.resolve({
        ...{ machineId: 'x9', kind: 'kvm', claim: '', onStep: () => undefined },
        ...{ onFault: () => undefined, signal: new AbortController().signal },
      } as unknown as Parameters<typeof provider.resolve>[0]);
    return { counted, open };
  };

  for (const kvm of DRIVERS) {
    for (const status of ['provider_refused', 'bmc_account_locked'] as const) {
      for (const when of ['before', 'later'] as const) {
        it(`is not tried again for five minutes (${kvm.driver}, ${status}, ${when})`, async () => {
          const { counted, open } = begin(kvm, status, when);
          await open().catch(() => undefined);
          for (let times = 0; times < 4; times += 1) await assert.rejects(open(), { status });
          assert.equal(counted.signIns, 1);
          time += 5 * MINUTE;
          await open().catch(() => undefined);
          assert.equal(counted.signIns, 2);
          const anew = begin(kvm, status, when);
          await anew.open().catch(() => undefined);
          assert.equal(anew.counted.signIns, 1, 'another configuration begins anew');
        });
      }
    }
  }

  it('is tried at once where something else was wrong', async () => {
    const { counted, open } = begin({ driver: 'java' }, 'bmc_slots_full', 'later');
    await open();
    await open();
    assert.equal(counted.signIns, 2);
  });
});
