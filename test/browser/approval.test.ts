import assert from 'node:assert/strict';
import { before, describe, it } from 'mocha';
import type { TestPage } from '../support/browser.ts';
import { cleanUp } from '../support/dispose.ts';
import type { PASSWORDS } from '../support/gateway.ts';
import { until } from '../support/until.ts';
import { startVnc } from '../support/vnc.ts';
import { enterPortal, opens } from './support/portal.ts';
import { Stage, machine } from './support/stage.ts';

const PLAIN = '[data-machine="lab:plain"] button';
const GUARDED = '[data-machine="lab:guarded"] button';

describe('a console that somebody else has to approve', function () {
  this.slow(6000);
  const suite = cleanUp();
  const each = cleanUp('each');
  let stage: Stage;

  before(async function () {
    this.timeout(40_000);
    const desk = await suite.start(startVnc({ content: 'terminal' }));
    const machines = [
      machine('guarded', desk, { owner: 'alice' }),
      machine('plain', desk, { owner: 'bob' }),
    ];
    const policy = [{ machines: ['lab:guarded'], purpose: 'required', approval: 'required' }];
    stage = await Stage.start(suite, { machines, config: { policy } });
  });

  const portal = (name: keyof typeof PASSWORDS) => enterPortal(stage, each, name);

  /** Alice opens the machine and says what for; her new tab waits. */
  async function asks(alice: TestPage, purpose: string) {
    await alice.page.waitForSelector(GUARDED);
    await alice.page.click(GUARDED);
    await alice.page.waitForSelector('[data-testid=purpose]:focus');
    await alice.page.keyboard.type(purpose);
    return opens(alice, () => alice.page.click('[data-testid=purpose-open]'), 'approving');
  }

  it('waits in words, and shows the machine once the other person has approved', async () => {
    const alice = await portal('alice');
    const page = await asks(alice, 'disk full on /var');
    await page.says(/second person’s approval/);
    await page.says(/disk full on \/var/);
    assert.equal(await page.page.$('[data-testid=fault]'), null);

    const admin = await portal('admin');
    const request = await admin.page.waitForSelector('[data-approval]');
    const words = await request?.evaluate((row) => (row as HTMLElement).innerText);
    assert.match(words ?? '', /alice asks for guarded[^]*disk full on \/var/);
    await admin.page.click('[data-testid=approve]');
    await page.reaches('connected');
    await admin.page.waitForSelector('[data-approval]', { hidden: true });
    assert.equal(await alice.page.$('[data-approval]'), null, 'nobody approves their own');
    page.assertClean();
  });

  it('is told who refused it and why', async () => {
    const page = await asks(await portal('alice'), 'curiosity');
    const admin = await portal('admin');
    await (await admin.page.waitForSelector('[data-testid=refuse]'))?.click();
    await admin.page.waitForSelector('[data-testid=refuse-detail]:focus');
    await admin.page.keyboard.type('not during the sale');
    await admin.page.click('[data-testid=refuse-confirm]');
    await page.faulted('approval_refused');
    await page.says(/admin: not during the sale/);
    await admin.page.waitForSelector('[data-testid=refuse-dialog]', { hidden: true });
  });

  it('is not asked for without a purpose, and not at all when the person thinks better of it', async () => {
    const { page } = await portal('alice');
    await page.waitForSelector(GUARDED);
    await page.click(GUARDED);
    await page.waitForSelector('[data-testid=purpose]:focus');
    await page.keyboard.type('   ');
    assert.ok(await page.$('[data-testid=purpose-open]:disabled'));
    await page.keyboard.press('Escape');
    await page.waitForSelector('[data-testid=purpose-dialog]', { hidden: true });
    assert.ok(await page.$(`${GUARDED}:focus`), 'the focus is back where it was');
  });

  it('and any other one is listed while it is open, extended and closed there', async () => {
    const tab = await portal('bob');
    const { page } = tab;
    await page.waitForSelector(PLAIN);
    assert.equal(await page.$('[data-console]'), null);
    const console = await opens(tab, () => page.click(PLAIN));
    await page.bringToFront();
    const left = () => page.$eval('[data-testid=console-left]', (words) => words.textContent ?? '');
    await page.waitForSelector('[data-console]');
    assert.match(await left(), /^(1:59:\d\d|2:00:00) left$/);
    await page.click('[data-testid=console-extend]');
    await until(async () => /^(2:59:|3:00:)/.test(await left()), {
      timeout: 5000,
      what: '3 hours',
    });

    await console.page.close();
    const shown = await opens(tab, () => page.click('[data-testid=console-show]'));
    await page.bringToFront();
    await page.click('[data-testid=console-close]');
    await (await page.waitForSelector('[data-testid=close-confirm]'))?.click();
    await page.waitForSelector('[data-console]', { hidden: true });
    await shown.ends('ended');
    await shown.faulted('console_ended');
  });
});
