import assert from 'node:assert/strict';
import { before, describe, it } from 'mocha';
import { cleanUp } from '../support/dispose.ts';
import { logBook } from '../support/log-book.ts';
import { type VncPeer, startVnc } from '../support/vnc.ts';
import type { ConsolePage } from './support/console-page.ts';
import { PHONE, Stage } from './support/stage.ts';
import { typedFile } from './support/typed-file.ts';

describe('where a machine asks who its user is, the page', function () {
  this.slow(6000);
  const suite = cleanUp();
  const each = cleanUp('each');
  let terminal: VncPeer;
  let stage: Stage;

  before(async function () {
    this.timeout(40_000);
    terminal = await suite.start(startVnc({ content: 'terminal' }));
    const { host, port } = terminal;
    const machines = [{ id: 'asking', name: 'Asking', consoles: { vnc: { host, port } } }];
    stage = await Stage.start(suite, { machines });
  });

  async function type(page: ConsolePage, password: string): Promise<void> {
    await page.reaches('prompting');
    // The field has the focus: nobody has to look for it.
    await page.page.waitForFunction(
      () => document.activeElement?.getAttribute('data-testid') === 'credential-password',
    );
    await page.page.keyboard.type(logBook.secret(password));
    await page.page.keyboard.press('Enter');
  }

  it('asks for it, says when it was wrong, and shows the screen when it is right', async () => {
    const page = await stage.open(each, { machine: 'lab:asking' });
    await type(page, 'not-the-password');
    await page.faulted('target_credentials_wrong');
    await page.click('reconnect-now');
    await type(page, terminal.password);
    await page.reaches('connected');
    await page.page.keyboard.type('echo hello > asked\n');
    assert.equal(await typedFile(terminal, 'asked'), 'hello\n');
    logBook.assertHoldsNoSecret(await page.page.content(), 'the page');
    page.assertClean();
  });

  it('names and masks the field, on a phone too', async () => {
    const page = await stage.open(each, { machine: 'lab:asking' }, PHONE);
    await page.reaches('prompting');
    const field = await page.page.waitForSelector('aria/Password[role="textbox"]');
    assert.equal(await field?.evaluate((input) => input.getAttribute('type')), 'password');
    await page.page.waitForSelector('[role=status] ::-p-text(The machine asks who you are)');
    for (const testId of ['credential-password', 'credentials-send', 'credentials-cancel']) {
      const seen = await page.page.$eval(`[data-testid=${testId}]`, (element) => {
        const { left, right, bottom, height } = element.getBoundingClientRect();
        return { inside: left >= 0 && right <= innerWidth && bottom <= innerHeight, height };
      });
      assert.ok(seen.inside, testId);
      assert.ok(seen.height >= 32, `${testId} is ${seen.height} high`);
    }
    page.assertClean();
  });

  it('closes the console when nobody wants to answer', async () => {
    const page = await stage.open(each, { machine: 'lab:asking' });
    await page.reaches('prompting');
    await page.click('credentials-cancel');
    await page.ends('ended');
    const { reason } = await stage.reaches(page.id, (view) => view.state === 'closed');
    assert.equal(reason, 'ended');
    page.assertClean();
  });
});
