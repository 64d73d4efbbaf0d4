import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { before, beforeEach, describe, it } from 'mocha';
import type { Page } from 'puppeteer-core';
import { RedfishSimulator } from '../simulators/redfish.ts';
import { OpenBmcSockets } from '../simulators/redfish/openbmc-sockets.ts';
import type { TestPage } from '../support/browser.ts';
import { cleanUp } from '../support/dispose.ts';
import type { PASSWORDS } from '../support/gateway.ts';
import { QemuPeer } from '../support/qemu.ts';
import { makeTempDir } from '../support/temp-dir.ts';
import { until } from '../support/until.ts';
import { enterPortal } from './support/portal.ts';
import { Stage, type Window } from './support/stage.ts';

const NODE = '[data-machine="metal:node"]';
const DIALOG = '[data-testid=hardware-dialog][open]';
const MIRROR = 'https://mirror.example/iso/';
const SMALL: Window = { width: 390, height: 844, isMobile: true };
/** CSS pixels that a finger needs (WCAG 2.2, success criterion 2.5.5). */
const FINGER = 44;

describe("a server's hardware in the page", function () {
  this.slow(6000);
  this.timeout(60_000);
  const suite = cleanUp();
  const each = cleanUp('each');
  let bmc: RedfishSimulator;
  let stage: Stage;

  before(async () => {
    const start = suite.start.bind(suite);
    const [made, screen, images] = await Promise.all([
      start(RedfishSimulator.start({ vendor: 'openbmc' })),
      start(QemuPeer.start({ security: 'none', boot: 'grub' })),
      start(makeTempDir('images')),
    ]);
    bmc = made;
    const sockets = new OpenBmcSockets(bmc.accounts, { screen: screen.port });
    suite.add(() => sockets.cut());
    bmc.upgrades.push(sockets.handle);
    for (const name of ['rescue.iso', 'tool.img']) {
      await writeFile(join(images.path, name), 'an image');
    }
    const own = { owner: 'alice', ...bmc.section };
    const hosts = [
      { id: 'node', name: 'Node one', ...own },
      { id: 'mute', ...own, vendor: 'other', sol: { enabled: false } },
      { id: 'lost', ...own, port: 1 },
    ];
    const looked = { host: '127.0.0.1', port: 1 };
    stage = await Stage.start(suite, {
      machines: [],
      config: {
        images: { path: images.path, customerUrls: [MIRROR] },
        policy: [{ users: ['support'], deny: ['power'] }],
        providers: [
          { id: 'metal', type: 'bmc', hosts },
          {
            id: 'lab',
            type: 'static',
            machines: [{ id: 'desk', owner: 'alice', consoles: { vnc: looked } }],
          },
        ],
      },
    });
  });

  beforeEach(() => {
    bmc.mend();
    bmc.hardware.licences.add('media');
    bmc.hardware.resets.length = 0;
    bmc.hardware.boot = { target: 'None', enabled: 'Disabled' };
    for (const drive of bmc.hardware.media.values()) drive.image = null;
  });

  /** Somebody's portal with the dialog of the server open. */
  async function opened(
    name: keyof typeof PASSWORDS = 'alice',
    window?: Window,
  ): Promise<TestPage> {
    const tab = await enterPortal(stage, each, name, window);
    await (await tab.page.waitForSelector(`${NODE} [data-testid=hardware]`))?.click();
    await tab.page.waitForSelector(`${DIALOG} [data-testid=media-form]`);
    return tab;
  }

  const press = async (page: Page, selector: string) =>
    (
      await page.waitForSelector(`dialog[open] ${selector}:not(:disabled)`, { visible: true })
    )?.click();

  /** Answers the question that comes before what may hurt. */
  const answer = (page: Page, how: 'confirm' | 'dismiss') =>
    press(page, `[data-testid=question-${how}]`);

  /** Resolves when a place of the dialog says this. */
  async function says(page: Page, where: string, words: RegExp): Promise<void> {
    let found = '';
    const said = async () => {
      found = await page.$eval(`${DIALOG} ${where}`, (place) => place.textContent ?? '');
      return words.test(found);
    };
    await until(said, { timeout: 10_000, what: String(words) }).catch((cause) => {
      throw new Error(`${words} is not: ${found}`, { cause });
    });
  }

  const inDrive = (id: string) => bmc.hardware.media.get(id)?.image ?? null;

  it('is told what to start from next, after a question where that may overwrite disks', async () => {
    const { page, errors } = await opened();
    await press(page, '[data-boot-device=disk]');
    await says(page, '[data-testid=boot-told]', /Next start: Disk/);
    assert.deepEqual(bmc.hardware.boot, { target: 'Hdd', enabled: 'Once' });

    await press(page, '[data-boot-device=pxe]');
    await answer(page, 'dismiss');
    await page.waitForSelector(`${DIALOG} [data-boot-device=pxe]:focus:enabled`);
    assert.equal(bmc.hardware.boot.target, 'Hdd');

    // By keys alone: Tab leads from the button that is harmless to the other one.
    await page.keyboard.press('Enter');
    await page.waitForSelector('[data-testid=question-dismiss]:focus');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await says(page, '[data-testid=boot-told]', /Next start: Network/);
    assert.deepEqual(bmc.hardware.boot, { target: 'Pxe', enabled: 'Once' });
    assert.equal(bmc.hardware.resets.length, 0, 'it is not restarted by that');
    await page.keyboard.press('Escape');
    await page.waitForSelector(`${NODE} [data-testid=hardware]:focus`);
    assertClean(errors);
  });

  it('is asked about anew by whoever presses again the moment that they can', async () => {
    const { page, errors } = await opened();
    await press(page, '[data-boot-device=pxe]');
    await page.$eval(`${DIALOG} [data-boot-device=pxe]`, (button) => {
      button.addEventListener('focus', () => (button as HTMLElement).click(), { once: true });
    });
    await answer(page, 'dismiss');
    await answer(page, 'confirm');
    await says(page, '[data-testid=boot-told]', /Next start: Network/);
    assert.equal(bmc.hardware.boot.target, 'Pxe');
    assertClean(errors);
  });

  it('shows its light, and no longer', async () => {
    const { page, errors } = await opened();
    await press(page, '[data-identify=on]');
    await says(page, '[data-testid=light-told]', /blinks/);
    assert.equal(bmc.hardware.identifying, true);
    await press(page, '[data-identify=off]');
    await says(page, '[data-testid=light-told]', /is off/);
    assert.equal(bmc.hardware.identifying, false);
    assertClean(errors);
  });

  it('has an image of the gateway’s in a drive, and out of it after a question', async () => {
    const { page, errors } = await opened();
    await page.select(`${DIALOG} [data-testid=media-drive]`, 'Floppy');
    await press(page, '[data-testid=media-insert]');
    await says(page, '[data-drive=Floppy]', /rescue\.iso/);
    await says(page, '[data-testid=media-told]', /in drive Floppy/);
    assert.match(inDrive('Floppy') ?? '', /\/images\/.*\/rescue\.iso$/);
    await press(page, '[data-drive=Floppy] [data-testid=media-eject]');
    await answer(page, 'confirm');
    await says(page, '[data-drive=Floppy]', /empty/);
    assert.equal(inDrive('Floppy'), null);
    assertClean(errors);
  });

  it('has an image go into the drive that plays it, unless another one is chosen', async () => {
    const { page, errors } = await opened();
    const drive = () =>
      page.$eval(
        `${DIALOG} [data-testid=media-drive]`,
        (select) => (select as HTMLSelectElement).value,
      );
    assert.equal(await drive(), 'CD');
    await page.select(`${DIALOG} [data-testid=media-image]`, 'tool.img');
    await until(async () => (await drive()) === 'Floppy', { timeout: 5000, what: 'its drive' });
    await press(page, '[data-testid=media-insert]');
    await says(page, '[data-drive=Floppy]', /tool\.img/);
    assert.match(inDrive('Floppy') ?? '', /\/tool\.img$/);
    assertClean(errors);
  });

  it('says in its row why it has no console, beside buttons that are in line', async () => {
    const { page, errors } = await enterPortal(stage, each, 'alice', SMALL);
    const why = '[data-machine="metal:lost"] [data-testid=machine-state]';
    await page.waitForSelector(why);
    const said = await page.$eval(why, (place) => place.textContent);
    assert.equal(said, 'metal: lost cannot be reached (ECONNREFUSED)');
    const places = async (machine: string) => {
      const controls = ['power', 'hardware'].map((id) => `[data-testid=${id}]`);
      return Promise.all(
        controls.map((control) =>
          page.$eval(`[data-machine="metal:${machine}"] ${control}`, (button) => {
            const { left, right } = button.getBoundingClientRect();
            return [left, right, (button as HTMLElement).innerText];
          }),
        ),
      );
    };
    const withConsole = await places('node');
    assert.deepEqual(await places('mute'), withConsole);
    assert.deepEqual(
      withConsole.map(([, , words]) => words),
      ['Power…', 'Hardware…'],
    );
    assertClean(errors);
  });

  it('has an image from an address, for customers from where they may', async () => {
    const { page, errors } = await opened();
    await page.select(`${DIALOG} [data-testid=media-image]`, '');
    await says(page, '#media-url-hint', /https:\/\/mirror\.example\/iso\//);
    const url = `${DIALOG} [data-testid=media-url]`;
    await page.type(url, 'http://10.0.0.1/inside.iso');
    await page.keyboard.press('Enter');
    await says(page, '[data-testid=media-problem]', /may not insert images from that address/);
    assert.equal(inDrive('CD'), null);
    await page.click(url, { count: 3 });
    await page.keyboard.type(`${MIRROR}debian.iso?token=secret`);
    await page.keyboard.press('Enter');
    await says(page, '[data-drive=CD]', /https:\/\/mirror\.example\/iso\/debian\.iso$|debian\.iso/);
    assert.equal(inDrive('CD'), `${MIRROR}debian.iso?token=secret`);
    assert.doesNotMatch(await page.$eval(DIALOG, (dialog) => dialog.textContent ?? ''), /secret/);
    assertClean(errors);

    const admin = await opened('admin');
    await admin.page.select(`${DIALOG} [data-testid=media-image]`, '');
    await admin.page.type(url, 'http://10.0.0.1/tool.img');
    await press(admin.page, '[data-testid=media-insert]');
    await says(admin.page, '[data-drive=Floppy]', /10\.0\.0\.1\/tool\.img/);
    assertClean(admin.errors);
  });

  it('says in words why it was not done', async () => {
    const { page } = await opened();
    bmc.hardware.licences.delete('media');
    await press(page, '[data-testid=media-insert]');
    await says(page, '[data-code=bmc_license_missing]', /needs a licence/);
    // Somebody else is faster, after the page has looked.
    await page.waitForSelector(`${DIALOG} [data-testid=media-insert]:not(:disabled)`);
    bmc.hardware.licences.add('media');
    const cd = bmc.hardware.media.get('CD');
    if (cd) cd.image = `${MIRROR}theirs.iso`;
    await press(page, '[data-testid=media-insert]');
    await says(page, '[data-code=media_inserted]', /Take it out first/);
    await says(page, '[data-drive=CD]', /theirs\.iso/);
    bmc.fail('restarting');
    await press(page, '[data-boot-device=disk]');
    await says(page, '[data-code=bmc_unavailable]', /does not answer as it should/);
  });

  it('is not offered to whoever may not, nor where there is none', async () => {
    const support = await enterPortal(stage, each, 'support');
    await support.page.waitForSelector(`${NODE} [data-kind]`);
    const offered = '[data-testid=hardware], [data-testid=power]';
    assert.equal(await support.page.$(offered), null);
    const alice = await enterPortal(stage, each, 'alice');
    await alice.page.waitForSelector(`${NODE} [data-testid=hardware]`);
    await alice.page.waitForSelector('[data-machine="lab:desk"]');
    assert.equal(await alice.page.$('[data-machine="lab:desk"] [data-testid=hardware]'), null);
  });

  it('is within reach of a finger on a phone, and scrolls down alone', async () => {
    const { page, errors } = await opened('alice', SMALL);
    const insert = await page.waitForSelector(`${DIALOG} [data-testid=media-insert]`);
    assert.ok(
      await insert?.isIntersectingViewport({ threshold: 1 }),
      'it is seen without scrolling',
    );
    await page.select(`${DIALOG} [data-testid=media-image]`, '');
    const misplaced = (within: string, finger: number) => {
      const boxes = [document.documentElement, ...document.querySelectorAll('dialog[open] *')];
      const wide = boxes.filter((box) => box.scrollWidth > box.clientWidth && box.clientWidth > 1);
      const small = [...document.querySelectorAll(`${within} :is(button, select, input)`)]
        .filter((control) => control.checkVisibility())
        .filter((control) => {
          const { left, right, height, width } = control.getBoundingClientRect();
          const large = height >= finger && width >= finger;
          return !large || left < 0 || right > window.innerWidth;
        });
      return [...wide, ...small].map((node) => node.outerHTML.slice(0, 100));
    };
    assert.deepEqual(await page.evaluate(misplaced, DIALOG, FINGER), []);
    await (await page.waitForSelector(`${DIALOG} [data-boot-device=cd]`))?.tap();
    await page.waitForSelector('[data-testid=question][open]');
    assert.deepEqual(await page.evaluate(misplaced, '[data-testid=question][open]', FINGER), []);
    assertClean(errors);
  });

  it('is all in the menu of its console, for who holds it', async () => {
    const page = await stage.show(each, { machine: 'metal:node' });
    const { page: tab } = page;
    await page.openMenu();
    await press(tab, '[data-testid=menu-power]');
    await press(tab, '[data-power-action=reset]');
    await answer(tab, 'confirm');
    await tab.waitForSelector('[data-testid=power-dialog][open] [role=status]:not(:empty)');
    assert.deepEqual(bmc.hardware.resets, ['ForceRestart']);
    await press(tab, '[data-testid=power-dismiss]');
    await page.menuIsClosed();

    await page.openMenu();
    await press(tab, '[data-testid=menu-hardware]');
    await press(tab, '[data-boot-device=setup]');
    await says(tab, '[data-testid=boot-told]', /Next start: BIOS setup/);
    assert.equal(bmc.hardware.boot.target, 'BiosSetup');
    await press(tab, '[data-testid=media-insert]');
    await says(tab, '[data-drive=CD]', /rescue\.iso/);
    // Nobody knows who sits here: from elsewhere they have what a customer has.
    await tab.select(`${DIALOG} [data-testid=media-image]`, '');
    await says(tab, '#media-url-hint', /mirror\.example/);
    await tab.keyboard.press('Escape');
    await page.menuIsClosed();
    page.assertClean();
  });

  it('is not in the menu of a console that may only be looked at', async () => {
    const page = await stage.show(each, { machine: 'metal:node', readOnly: true });
    await page.openMenu();
    await page.page.waitForSelector('[data-testid=menu-close-session]');
    assert.equal(await page.page.$('[data-testid=menu-power], [data-testid=menu-hardware]'), null);
    page.assertClean();
  });

  function assertClean(errors: readonly string[]): void {
    // Who is not signed in yet is told by a 401, which Chromium writes down as an error.
    assert.deepEqual(
      errors.filter((error) => !/status of 401/.test(error)),
      [],
    );
  }
});
