import assert from 'node:assert/strict';
import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { before, describe, it } from 'mocha';
import { GatewayError } from '../../server/errors.ts';
import type { KvmRequest } from '../../server/providers/provider-context.ts';
import { Secret } from '../../server/secret.ts';
import { type BmcFault, BmcSite } from '../simulators/bmc-pages/bmc-site.ts';
import { ilo } from '../simulators/bmc-pages/ilo.ts';
import { BOARD_FORM, plainBoard } from '../simulators/bmc-pages/plain-board.ts';
import { makeCertificate } from '../support/certificate.ts';
import { cleanUp } from '../support/dispose.ts';
import { decodePng, pixel } from '../support/image.ts';
import { until } from '../support/until.ts';
import { killProgram } from './support/processes.ts';
import { type OpenedKvm, TestScreens } from './support/screens.ts';
import { Viewer } from './support/viewer.ts';

const FAILED = '#2a1216';

/** What a page does that it may not, and what is said of it. */
const MISDEEDS: readonly (readonly [BmcFault, string])[] = [
  ['redirect', 'bmc_redirected'],
  ['popup', 'kvm_popup_refused'],
  ['dialog', 'kvm_dialog_refused'],
];

describe('a BMC whose console cannot be shown', function () {
  this.timeout(60_000);
  const suite = cleanUp();
  const each = cleanUp('each');
  let screens: TestScreens;
  let site: BmcSite;

  before(async () => {
    screens = await suite.start(TestScreens.start({ loginMs: 3000 }));
    site = await suite.start(BmcSite.start(plainBoard));
  });

  const open = async (more: Partial<KvmRequest> = {}): Promise<OpenedKvm> => {
    const opened = await screens.open(site, { form: BOARD_FORM, ...more });
    each.add(() => opened.endpoint.release());
    each.add(() => {
      site.faults.clear();
      site.sessions.clear();
    });
    return opened;
  };
  const statusOf = async ({ faults }: OpenedKvm): Promise<string> => {
    await until(() => faults.length > 0, { timeout: 30_000, what: 'a fault' });
    const [fault] = faults;
    assert.ok(fault instanceof GatewayError);
    assert.match(fault.message, /^rack: u12: /);
    return fault.status;
  };
  const showsFailure = async ({ endpoint }: OpenedKvm): Promise<void> => {
    const viewer = each.add(await Viewer.connect(endpoint));
    await until(async () => pixel(await viewer.grab(), 20, 20) === FAILED, {
      ...{ timeout: 25_000, every: 100, what: 'the picture of it' },
    });
  };

  it('says that the password is wrong, in a status and as a picture', async () => {
    const credentials = { username: site.username, password: new Secret('not this one') };
    const opened = await open({ credentials });
    assert.equal(await statusOf(opened), 'provider_refused');
    await showsFailure(opened);
    assert.equal(site.sessions.size, 0);
  });

  for (const [fault, status] of MISDEEDS) {
    it(`says ${status} of a page with a ${fault}`, async () => {
      site.faults.add(fault);
      const opened = await open();
      assert.equal(await statusOf(opened), status);
      await showsFailure(opened);
    });
  }

  it('keeps a picture of a page that has changed, without what is secret', async () => {
    site.faults.add('changed');
    const opened = await open({ form: { ...BOARD_FORM, username: '#user' } });
    assert.equal(await statusOf(opened), 'kvm_page_changed');
    const folder = join(screens.dataDir, 'bmc-pages');
    const kept = async () => (await readdir(folder)).filter((name) => name.endsWith('.png'));
    const names = await until(async () => (await kept()).length > 0 && kept(), {
      timeout: 10_000,
      what: 'a picture',
    });
    assert.match(names[0] ?? '', /^\d{4}-.*rack_u12\.png$/);
    const image = decodePng(await readFile(join(folder, names[0] ?? '')));
    assert.notEqual(pixel(image, 20, 500), FAILED, 'it is the page, not what covers it');
    assert.ok(image.width >= 1024);
  });

  it('that takes too long to sign in says so', async () => {
    const signingIn = site.hold('POST /login');
    each.add(() => signingIn.answer());
    site.calls.length = 0;
    assert.equal(await statusOf(await open()), 'kvm_login_timeout');
    // The BMC may have signed us in all the same: it is told that we go, and not half a minute later.
    const leaves = () => site.calls.includes('GET /logout');
    await until(leaves, { timeout: 5000, what: 'the sign-out' });
  });

  for (const [name, pages, how] of [
    ['with a form', plainBoard, { form: BOARD_FORM }],
    ['iLO 6', ilo(6), { vendor: 'hpe' }],
  ] as const) {
    it(`whose page asks before it is left keeps nothing, closed or failed (${name})`, async () => {
      const asking = await each.start(BmcSite.start(pages));
      asking.faults.add('clinging');
      for (const end of ['closed', 'failed'] as const) {
        const opened = await screens.open(asking, how);
        each.add(() => opened.endpoint.release());
        const viewer = each.add(await Viewer.connect(opened.endpoint));
        await until(() => asking.consoles === 1, { timeout: 20_000, what: 'the console' });
        const before = asking.typed.length;
        await until(() => viewer.type('a') && asking.typed.length > before, {
          ...{ timeout: 20_000, every: 200, what: 'a key' },
        });
        viewer.click(300, 300);
        if (end === 'closed') await opened.endpoint.release();
        else {
          viewer.type('q');
          assert.equal(await statusOf(opened), 'kvm_dialog_refused');
        }
        await until(() => asking.sessions.size + asking.consoles === 0, {
          ...{ timeout: 15_000, what: `no session and no console once it has ${end}` },
        });
      }
      assert.deepEqual(asking.endings, [1001, 1001], 'its page was left before the browser ended');
    });
  }

  it('has a popup of its own in the place of the page', async () => {
    site.faults.add('own-popup');
    const opened = await open({ vendor: 'browser' });
    const viewer = each.add(await Viewer.connect(opened.endpoint));
    const clicked = () => viewer.click(600, 500) || site.calls.includes('GET /popped');
    await until(clicked, { timeout: 20_000, every: 500, what: 'the popup' });
    await until(async () => pixel(await viewer.grab(), 600, 600) === '#008000', {
      ...{ timeout: 10_000, every: 100, what: 'its page' },
    });
    assert.deepEqual(opened.faults, []);
  });

  it('is not opened at all behind another certificate, or where nobody listens', async () => {
    const fingerprint = 'ab'.repeat(32);
    const refused = { status: 'target_certificate_refused' };
    await assert.rejects(open({ trust: { fingerprint } }), refused);
    const own = site.fingerprint.toUpperCase();
    await assert.rejects(open({ trust: {} }), ({ status, message }: GatewayError) => {
      assert.equal(status, 'target_certificate_refused');
      assert.match(message, /^rack: u12: its certificate is trusted by no public CA \(DEPTH_ZERO/);
      assert.ok(message.endsWith(`set fingerprint: ${own}`), message);
      return true;
    });
    const url = new URL('https://127.0.0.1:1');
    await assert.rejects(open({ url }), { status: 'target_unreachable' });
  });

  it('whose key is another one once it was looked at is refused as well', async () => {
    const other = await each.start(BmcSite.start(plainBoard));
    const renewed = await makeCertificate();
    const onStep = () => other.useCertificate(renewed);
    const opened = await screens.open(other, { form: BOARD_FORM, onStep });
    each.add(() => opened.endpoint.release());
    assert.equal(await statusOf(opened), 'target_certificate_refused');
    assert.deepEqual(other.calls, []);
  });

  it('is trusted by its CA as by its fingerprint', async () => {
    await open({ trust: { ca: site.ca } });
    await until(() => site.consoles === 1, { timeout: 20_000, what: 'the console' });
  });

  it('that restarts is said to be lost, and is signed in at again for whoever comes back', async () => {
    const opened = await open();
    const viewer = each.add(await Viewer.connect(opened.endpoint));
    await until(() => viewer.type('a') && site.typed.includes('a'), {
      ...{ timeout: 20_000, every: 200, what: 'a key' },
    });
    site.restart();
    assert.equal(await statusOf(opened), 'bmc_lost');
    each.add(await Viewer.connect(opened.endpoint));
    await until(() => site.consoles === 1, { timeout: 20_000, what: 'the console again' });
  });

  for (const program of ['chromium', 'Xtigervnc'] as const) {
    it(`says that ${program} has died, and has another for whoever comes back`, async () => {
      const opened = await open();
      await until(() => site.consoles === 1, { timeout: 20_000, what: 'the console' });
      await killProgram(program);
      assert.equal(await statusOf(opened), 'kvm_crashed');
      await until(() => site.consoles === 0, { timeout: 10_000, what: 'the end of it' });
      each.add(await Viewer.connect(opened.endpoint));
      await until(() => site.consoles === 1, { timeout: 20_000, what: 'the console again' });
    });
  }

  it('comes again however often no screen could be had before, and one for all who come', async () => {
    const opened = await open();
    await until(() => site.consoles === 1, { timeout: 20_000, what: 'the console' });
    const { runner } = screens;
    const start = runner.start.bind(runner);
    each.add(() => void (runner.start = start));
    let asked = 0;
    const nothing = (): Promise<never> => {
      asked += 1;
      return Promise.reject(new GatewayError('kvm_unavailable', 'rack: u12: too many'));
    };
    runner.start = nothing;
    await killProgram('Xtigervnc');
    assert.equal(await statusOf(opened), 'kvm_crashed');
    for (let times = 1; times <= 6; times += 1) {
      const { faults } = opened;
      const before = faults.length;
      Viewer.connect(opened.endpoint).catch(() => undefined);
      await until(() => faults.length > before, { timeout: 10_000, what: 'the next fault' });
      assert.match(faults.at(-1)?.message ?? '', /too many/);
    }
    assert.equal(asked, 6);
    runner.start = (spec) => {
      asked += 1;
      return start(spec);
    };
    const viewers = await Promise.all([1, 2].map(() => Viewer.connect(opened.endpoint)));
    for (const viewer of viewers) each.add(viewer);
    await until(() => site.consoles === 1, { timeout: 20_000, what: 'the console again' });
    assert.equal(asked, 7);
  });
});
