import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { GatewayError } from '../../server/errors.ts';
import type { Debt, Debts } from '../../server/providers/provider-context.ts';
import { RedfishSimulator } from '../simulators/redfish.ts';
import { cleanUp } from '../support/dispose.ts';
import { until } from '../support/until.ts';
import { bmcProvider, hostOf, rejects } from './support/bmc.ts';

/** Debts of which the test is who sweeps. */
class Book implements Debts {
  /** How each ended that was undone, or was to be. */
  readonly ends: string[] = [];
  #sweep: (debt: Debt) => Promise<void> = () => assert.fail('nobody undoes anything');

  async owe() {
    return async (undo: () => Promise<void>) => {
      const end = await undo().then(
        () => 'undone',
        (error: unknown) => String(error),
      );
      this.ends.push(end);
    };
  }

  onOrphan(settle: (debt: Debt) => Promise<void>): void {
    this.#sweep = settle;
  }

  sweep(what: string): Promise<void> {
    return this.#sweep({ machine: 'rack1', what });
  }
}

describe('what was made at a BMC', () => {
  const each = cleanUp('each');
  const { signal } = new AbortController();
  const name = 'rackside01234567';

  async function start(vendor: 'hpe' | 'dell', more: object = {}) {
    const bmc = await each.start(RedfishSimulator.start({ vendor }));
    const debts = new Book();
    const time = { now: Date.now() };
    const provider = bmcProvider([hostOf(bmc, more)], { debts, now: () => time.now });
    each.add(() => provider.stop());
    return { bmc, debts, provider, time };
  }

  for (const [what, enabled] of [
    ['has no other way', false],
    ['can be asked over IPMI', true],
  ] as const) {
    it(`stays owed while there is no Redfish, on a BMC that ${what}`, async () => {
      const { bmc, debts, time } = await start('hpe', { ipmi: { enabled } });
      bmc.accounts.add(name, 'left behind');
      bmc.redfish = false;
      await rejects(debts.sweep(`user:${name}`), 'bmc_unavailable', /no Redfish now/);
      assert.ok(bmc.accounts.named(name));
      bmc.redfish = true;
      time.now += 301_000;
      await debts.sweep(`user:${name}`);
      assert.equal(bmc.accounts.named(name), undefined);
    });
  }

  it('is owed no more where Redfish is switched off', async () => {
    const { bmc, debts } = await start('hpe', { redfish: false, kvm: { driver: 'browser' } });
    await debts.sweep(`user:${name}`);
    assert.deepEqual(bmc.calls, []);
  });

  it('is nothing where an iDRAC has no licence for its VNC server', async () => {
    const { bmc, debts, provider } = await start('dell');
    bmc.hardware.licences.delete('vnc');
    const ignore = () => undefined;
    const request = { machineId: 'rack1', kind: 'vnc', onStep: ignore, onFault: ignore } as const;
    await assert.rejects(
      provider.resolve({ ...request, signal }),
      (error) => error instanceof GatewayError && error.status === 'bmc_license_missing',
    );
    await until(() => debts.ends.length > 0, { timeout: 2000, what: 'its end' });
    assert.deepEqual(debts.ends, ['undone']);
    await debts.sweep('vnc');
  });
});
