import assert from 'node:assert/strict';
import { before, describe, it } from 'mocha';
import { cleanUp } from '../support/dispose.ts';
import { logBook } from '../support/log-book.ts';
import { compare } from '../support/image.ts';
import { until } from '../support/until.ts';
import { type VncPeer, startVnc } from '../support/vnc.ts';
import { ConsolePage } from './support/console-page.ts';
import { DESK, PHONE, Stage, machine } from './support/stage.ts';
import { typedFile } from './support/typed-file.ts';

const PASSPHRASE = logBook.secret('tell-nobody-but-bob');

interface Wish {
  readonly rights?: 'look' | 'control';
  readonly passphrase?: string;
  readonly label?: string;
}

describe('a shared console', function () {
  this.slow(8000);
  const suite = cleanUp();
  const each = cleanUp('each');
  let desk: VncPeer;
  let stage: Stage;

  before(async function () {
    this.timeout(40_000);
    desk = await suite.start(startVnc({ content: 'terminal' }));
    stage = await Stage.start(suite, { machines: [machine('shell', desk)] });
  });

  const holds = () => stage.show(each, { machine: 'lab:shell' });

  /** Makes a link in the holder's dialog, which stays open. */
  async function makeLink(holder: ConsolePage, wish: Wish = {}): Promise<string> {
    await holder.openMenu();
    await holder.click('menu-share');
    await holder.page.waitForSelector('[data-testid=share][open] form');
    await holder.page.click(`[name=share-rights][value=${wish.rights ?? 'look'}]`);
    for (const field of ['passphrase', 'label'] as const)
      if (wish[field]) await holder.page.type(`[data-testid=share-${field}]`, wish[field]);
    await holder.click('share-make');
    const field = await holder.page.waitForSelector('[data-testid=share-url]');
    const url = (await field?.evaluate((input) => (input as HTMLInputElement).value)) ?? '';
    logBook.secret(new URL(url).hash.slice(1));
    return url;
  }

  /** Somebody else's browser at the link, where they are asked who they are. */
  async function follow(url: string, window = DESK): Promise<ConsolePage> {
    const guest = new ConsolePage(await stage.newTab(each, window), { id: '', url });
    await guest.goto(url);
    return guest;
  }

  async function join(url: string, name: string, window = DESK): Promise<ConsolePage> {
    const guest = await follow(url, window);
    await guest.page.waitForSelector('[data-testid=join-name]:focus');
    await guest.page.keyboard.type(name);
    await guest.page.keyboard.press('Enter');
    await guest.reaches('connected');
    return guest;
  }

  /** Resolves when both see the same screen. */
  async function alike(one: ConsolePage, other: ConsolePage): Promise<void> {
    const same = async () => {
      await one.page.bringToFront();
      const first = await one.picture();
      await other.page.bringToFront();
      return compare(first, await other.picture()) < 0.03;
    };
    await until(same, { timeout: 8000, what: 'the same picture' });
  }

  it('is seen by the guest, who cannot type, and the holder is told who watches', async () => {
    const holder = await holds();
    const guest = await join(await makeLink(holder), 'Bob');
    await holder.page.waitForSelector('[data-viewer]');
    await holder.says(/Bob/);
    await holder.click('share-dismiss');
    await holder.menuIsClosed();
    await holder.page.waitForSelector('[data-testid=watching]');
    // The guest's own bar takes a little of the window: pictures of the same size are compared.
    await holder.page.setViewport({ width: 1280, height: 800 });
    await guest.page.setViewport({ width: 1280, height: 800 + (await barHeight(guest)) });
    await alike(holder, guest);

    await guest.says(/Console of portal[^]*You are watching/);
    for (const absent of ['take-control', 'close-session', 'ctrl-alt-del', 'extend'])
      assert.equal(await guest.page.$(`[data-testid=${absent}]`), null, absent);
    await guest.openMenu();
    for (const absent of ['menu-share', 'menu-extend', 'menu-close-session', 'clipboard'])
      assert.equal(await guest.page.$(`[data-testid=${absent}]`), null, absent);
    assert.equal(await guest.page.$('[data-combination]'), null);
    await guest.dismissMenu();

    await guest.page.keyboard.type('echo guest > typed-by-both\n');
    await holder.page.bringToFront();
    await holder.page.keyboard.type('echo holder > typed-by-both\n');
    assert.equal(await typedFile(desk, 'typed-by-both'), 'holder\n');
    holder.assertClean();
    guest.assertClean();
  });

  it('is the guest’s to type in once they have control, and the holder’s again', async () => {
    const holder = await holds();
    const guest = await join(await makeLink(holder, { rights: 'control' }), 'Bob');
    await holder.click('share-dismiss');
    await holder.menuIsClosed();
    await guest.page.bringToFront();
    await guest.click('take-control');
    await guest.page.waitForSelector('[data-testid=watch-bar][data-mine=true]');
    await guest.menuIsClosed();
    await guest.page.keyboard.type('echo guest > in-control\n');
    assert.equal(await typedFile(desk, 'in-control'), 'guest\n');

    await holder.page.bringToFront();
    await holder.says(/Bob has control/);
    const row = await (await holder.page.$('[data-testid=control-banner]'))?.boundingBox();
    const bar = await holder.bar();
    const beside = (row?.y ?? 0) >= bar.y + bar.height;
    const screen = await (await holder.page.$('.screen'))?.boundingBox();
    assert.ok(beside && (row?.y ?? 0) + (row?.height ?? 0) <= (screen?.y ?? 0), 'over no picture');
    await holder.click('take-back');
    await holder.page.waitForSelector('[data-testid=control-banner]', { hidden: true });
    await guest.page.waitForSelector('[data-testid=watch-bar][data-mine=false]');
    await holder.menuIsClosed();
    await holder.page.keyboard.type('echo holder > back-again\n');
    assert.equal(await typedFile(desk, 'back-again'), 'holder\n');
    holder.assertClean();
    guest.assertClean();
  });

  it('asks for its passphrase, on a phone too, and knows the guest after a reload', async () => {
    const holder = await holds();
    const url = await makeLink(holder, { passphrase: PASSPHRASE, label: 'for Bob' });
    const guest = await follow(url, PHONE);
    await guest.page.waitForSelector('[data-testid=join-name]:focus');
    await guest.page.keyboard.type('Bob');
    await guest.page.type('[data-testid=join-passphrase]', 'not the passphrase');
    await guest.page.tap('[data-testid=join-enter]');
    await guest.faulted('passphrase_wrong');
    await guest.page.waitForSelector('[data-testid=join-passphrase]:focus');
    await guest.page.keyboard.type(PASSPHRASE);
    await guest.page.tap('[data-testid=join-enter]');
    await guest.reaches('connected');
    const wide = () => document.documentElement.scrollWidth > window.innerWidth;
    assert.equal(await guest.page.evaluate(wide), false, 'no scrolling to the side');
    await guest.page.reload({ waitUntil: 'domcontentloaded' });
    await guest.reaches('connected');
    guest.assertOnlyRefusals(401);
  });

  it('is over for the guest when the link is revoked, and goes on for the holder', async () => {
    const holder = await holds();
    const guest = await join(await makeLink(holder, { label: 'for Bob' }), 'Bob');
    await holder.page.bringToFront();
    await holder.click('share-revoke');
    await guest.faulted('share_revoked');
    assert.equal(await guest.page.$('[data-testid=reconnect-now]'), null);
    await holder.page.waitForSelector('[data-share]', { hidden: true });
    await holder.page.waitForSelector('[data-viewer]', { hidden: true });
    assert.equal(await holder.state(), 'connected');
    await guest.page.reload({ waitUntil: 'domcontentloaded' });
    await guest.reaches('ended');
    holder.assertClean();
  });

  it('is waited for while the holder is away, and seen the moment that they come', async () => {
    const holder = await holds();
    const url = await makeLink(holder);
    await holder.click('share-dismiss');
    await holder.openMenu();
    await holder.click('disconnect');
    await stage.reaches(holder.id, ({ state }) => state === 'detached');
    const guest = await follow(url);
    await guest.page.waitForSelector('[data-testid=join-name]:focus');
    await guest.page.keyboard.type('Bob\n');
    await guest.reaches('absent');
    await guest.says(/Waiting for portal/);
    await holder.page.bringToFront();
    await holder.click('reconnect-now');
    await holder.reaches('connected');
    await guest.page.bringToFront();
    await guest.reaches('connected');
    guest.assertOnlyRefusals(409);
  });

  const barHeight = (guest: ConsolePage): Promise<number> =>
    guest.page.$eval('[data-testid=watch-bar]', (bar) => (bar as HTMLElement).offsetHeight);
});
