import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { before, describe, it } from 'mocha';
import type { Page } from 'puppeteer-core';
import type { TestPage } from '../../support/browser.ts';
import { cleanUp } from '../../support/dispose.ts';
import { logBook } from '../../support/log-book.ts';
import { QemuPeer } from '../../support/qemu.ts';
import { makeTempDir } from '../../support/temp-dir.ts';
import { typesIntoGrub } from '../support/guest.ts';
import { opens } from '../support/portal.ts';
import { PortalSite } from '../support/portal-site.ts';
import { ProviderPortal } from '../support/provider-portal.ts';
import { Stage } from '../support/stage.ts';

const TOKEN = logBook.secret(randomBytes(12).toString('hex'));
const SIX = logBook.secret(randomBytes(12).toString('hex'));
const PASSWORD = logBook.secret(randomBytes(4).toString('hex'));

describe('machines of a websockify token folder in a browser', function () {
  this.slow(8000);
  // Each wait has its own limit; this one is for all of them together.
  this.timeout(120_000);
  const suite = cleanUp();
  const each = cleanUp('each');
  let four: QemuPeer;
  let six: QemuPeer;
  let folder: string;
  let panel: PortalSite;
  let stage: Stage;

  before(async () => {
    const start = suite.start.bind(suite);
    const dir = await start(makeTempDir('tokens'));
    folder = dir.path;
    [four, six, panel] = await Promise.all([
      start(QemuPeer.start({ boot: 'grub' })),
      start(QemuPeer.start({ boot: 'grub', host: '::1' })),
      start(PortalSite.start(() => stage.network.url)),
    ]);
    await Promise.all([four.setPassword(PASSWORD), six.setPassword(PASSWORD)]);
    await writeFile(join(folder, 'one-7'), `${TOKEN}: ${four.host}:${four.port}`);
    await writeFile(join(folder, 'one-8'), `${SIX}: [::1]:${six.port}`);
    const sunstone = { id: 'sunstone', type: 'websockify', path: folder, password: PASSWORD };
    stage = await Stage.start(suite, {
      machines: [],
      config: { providers: [{ ...sunstone, owner: 'alice', links: {} }] },
    });
  });

  /** The panel's page with a link of noVNC's, which it opens in a tab of its own. */
  async function linked(path: string): Promise<TestPage> {
    const tab = await stage.newTab(each);
    const href = `${stage.network.url}${path}`;
    await tab.page.goto(panel.barePage(`<a href="${href}" target="_blank">Console</a>`));
    return tab;
  }
  const follow = (page: Page) => () => page.click('a');

  it('are in the list, at IPv6 addresses too, and take what is typed', async () => {
    const portal = await ProviderPortal.enter(stage, each, 'alice');
    const console = await portal.opens('sunstone:one-8');
    await typesIntoGrub(console, six);
    console.assertClean();
  });

  for (const path of [
    `/vnc.html?autoconnect=true&token=${TOKEN}`,
    `/vnc.html?path=websockify%3Ftoken%3D${TOKEN}`,
  ]) {
    const how = path.includes('path=') ? 'in noVNC’s path' : 'as a token';
    it(`open by an old link of another site’s page, ${how}, and take what is typed`, async () => {
      const tab = await linked(path);
      const console = await opens(tab, follow(tab.page));
      await typesIntoGrub(console, four);
      assert.ok(!console.page.url().includes(TOKEN), 'the token stays in no address');
      console.assertClean();
    });
  }

  it('whose token is not known any more say so to whoever follows the link', async () => {
    const old = logBook.secret(randomBytes(12).toString('hex'));
    const file = join(folder, 'one-9');
    const link = `${stage.network.url}/vnc.html?token=${old}`;
    await writeFile(file, `${old}: ${four.host}:${four.port}`);
    const known = await fetch(link, { redirect: 'manual' });
    assert.equal(known.status, 303, 'it was known');
    await rm(file);
    const { page } = await stage.newTab(each);
    await page.goto(link);
    await page.waitForSelector('[data-testid=fault][data-code=launch_link_invalid]');
    assert.match(await page.$eval('body', (body) => body.innerText), /link is not valid here/);
  });

  it('with a port that there is not are passed over, and the others are there', async () => {
    const strange = logBook.secret(randomBytes(12).toString('hex'));
    await writeFile(join(folder, 'one-10'), `${strange}: ${four.host}:70000`);
    const portal = await ProviderPortal.enter(stage, each, 'alice');
    await portal.finds('sunstone:one-7');
    const { page } = await stage.newTab(each);
    await page.goto(`${stage.network.url}/vnc.html?token=${strange}`);
    await page.waitForSelector('[data-testid=fault][data-code=launch_link_invalid]');
  });
});
