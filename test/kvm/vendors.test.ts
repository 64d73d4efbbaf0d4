import assert from 'node:assert/strict';
import { before, describe, it } from 'mocha';
import { GatewayError } from '../../server/errors.ts';
import type { KvmRequest, KvmVendor } from '../../server/providers/provider-context.ts';
import { Secret } from '../../server/secret.ts';
import { type BmcPages, BmcSite } from '../simulators/bmc-pages/bmc-site.ts';
import { idrac } from '../simulators/bmc-pages/idrac.ts';
import { ilo } from '../simulators/bmc-pages/ilo.ts';
import { megarac } from '../simulators/bmc-pages/megarac.ts';
import { supermicro } from '../simulators/bmc-pages/supermicro.ts';
import { makeCertificate } from '../support/certificate.ts';
import { cleanUp } from '../support/dispose.ts';
import { until } from '../support/until.ts';
import { type OpenedKvm, TestScreens } from './support/screens.ts';
import { Viewer } from './support/viewer.ts';

type MakePages = (site: BmcSite) => BmcPages;

interface Maker {
  readonly name: string;
  readonly vendor: KvmVendor;
  readonly pages: MakePages;
  /** What it can say of itself, besides a wrong password and too many sessions. */
  readonly says: readonly ('locked' | 'licence' | 'console')[];
}

const MAKERS: readonly Maker[] = [
  { name: 'HPE iLO 6', vendor: 'hpe', pages: ilo(6), says: ['locked'] },
  { name: 'HPE iLO 5', vendor: 'hpe', pages: ilo(5), says: ['locked'] },
  {
    name: 'Supermicro by Redfish',
    vendor: 'supermicro',
    pages: supermicro('redfish'),
    says: ['locked'],
  },
  { name: 'Supermicro by its pages', vendor: 'supermicro', pages: supermicro('pages'), says: [] },
  {
    ...{ name: 'Dell iDRAC 9 (restgui)', vendor: 'dell', pages: idrac('restgui') },
    says: ['locked', 'licence', 'console'],
  },
  {
    ...{ name: 'Dell iDRAC 9 (console)', vendor: 'dell', pages: idrac('console') },
    says: ['locked', 'licence', 'console'],
  },
  { name: 'AMI MegaRAC', vendor: 'ami', pages: megarac, says: ['locked', 'licence', 'console'] },
];

describe('the console of a known maker’s BMC', function () {
  this.timeout(60_000);
  const suite = cleanUp();
  let screens: TestScreens;

  before(async () => {
    screens = await suite.start(TestScreens.start());
  });

  for (const { name, vendor, pages, says } of MAKERS) {
    describe(name, () => {
      const each = cleanUp('each');

      const begin = async () => each.add(await BmcSite.start(pages));
      const open = async (site: BmcSite, more: Partial<KvmRequest> = {}): Promise<OpenedKvm> => {
        const opened = await screens.open(site, { vendor, ...more });
        each.add(() => opened.endpoint.release());
        return opened;
      };
      const statusOf = async ({ faults, endpoint }: OpenedKvm): Promise<string> => {
        await until(() => faults.length > 0, { timeout: 20_000, what: 'a fault' });
        await endpoint.release();
        const [fault] = faults;
        assert.ok(fault instanceof GatewayError);
        return fault.status;
      };

      it('takes what is typed, and has nobody signed in afterwards', async () => {
        const site = await begin();
        const { endpoint, faults } = await open(site);
        const viewer = each.add(await Viewer.connect(endpoint));
        await until(() => site.consoles === 1, { timeout: 20_000, what: 'the console' });
        await until(() => viewer.type('a') && site.typed.includes('a'), {
          ...{ timeout: 10_000, every: 200, what: 'a key' },
        });
        viewer.typeText('reset!');
        await until(() => site.typed.endsWith('reset!'), { timeout: 10_000, what: 'the keys' });
        assert.deepEqual(faults, []);
        await endpoint.release();
        assert.deepEqual([site.sessions.size, site.consoles], [0, 0]);
        assert.deepEqual(site.endings, [1001], 'its page was left before the browser ended');
      });

      it('says what keeps it from being shown', async () => {
        const site = await begin();
        const credentials = { username: site.username, password: new Secret('not this one') };
        assert.equal(await statusOf(await open(site, { credentials })), 'provider_refused');
        if (vendor !== 'supermicro' || says.length > 0) {
          site.mostSessions = 0;
          assert.equal(await statusOf(await open(site)), 'bmc_slots_full');
          site.mostSessions = 3;
        }
        if (says.includes('licence')) {
          site.faults.add('licence');
          assert.equal(await statusOf(await open(site)), 'bmc_license_missing');
          site.faults.clear();
        }
        if (says.includes('console')) {
          site.mostConsoles = 0;
          assert.equal(await statusOf(await open(site)), 'bmc_slots_full');
        }
        if (says.includes('locked')) {
          site.lock();
          assert.equal(await statusOf(await open(site)), 'bmc_account_locked');
        }
        await until(() => site.sessions.size === 0, { timeout: 5000, what: 'nobody signed in' });
      });

      it('that restarts does not answer, and is not said to be another or to refuse', async () => {
        const site = await begin();
        site.faults.add('restarting');
        assert.equal(await statusOf(await open(site)), 'bmc_unavailable');
      });
    });
  }

  for (const [what, vendor, pages, fault] of [
    [
      'is opened by its pages where Redfish hangs up on us',
      ...(['supermicro', supermicro('redfish'), 'no-redfish'] as const),
    ],
    [
      'that does not say in its headers where a session is has nobody signed in afterwards',
      ...(['dell', idrac('console'), 'no-location'] as const),
    ],
  ] as const) {
    it(what, async () => {
      const site = await suite.start(BmcSite.start(pages));
      site.faults.add(fault);
      const { endpoint } = await screens.open(site, { vendor });
      await until(() => site.consoles === 1, { timeout: 20_000, what: 'the console' });
      await endpoint.release();
      assert.equal(site.sessions.size, 0);
    });
  }

  it('that hangs up or shows another certificate than before says so by its calls as well', async () => {
    const site = await suite.start(BmcSite.start(idrac('console')));
    const first = (faults: Error[]) =>
      until(() => faults[0] as GatewayError | undefined, { timeout: 20_000, what: 'a fault' });
    site.faults.add('no-redfish');
    const dropped = await screens.open(site, { vendor: 'dell' });
    assert.equal((await first(dropped.faults)).status, 'bmc_unavailable');
    site.faults.clear();
    const renewed = await makeCertificate();
    const onStep = () => site.useCertificate(renewed);
    const changed = await screens.open(site, { vendor: 'dell', onStep });
    assert.equal((await first(changed.faults)).status, 'target_certificate_refused');
  });

  it('that has Java alone says so', async () => {
    const site = await suite.start(BmcSite.start(supermicro('java')));
    const { faults } = await screens.open(site, { vendor: 'supermicro' });
    await until(() => faults.length > 0, { timeout: 20_000, what: 'a fault' });
    assert.match(faults[0]?.message ?? '', /by Java; switch it to HTML5/);
  });
});
