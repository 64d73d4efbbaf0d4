import assert from 'node:assert/strict';
import { chmod, rename, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, it } from 'mocha';
import { type BmcPages, BmcSite } from '../simulators/bmc-pages/bmc-site.ts';
import { cleanUp } from '../support/dispose.ts';
import { pixel } from '../support/image.ts';
import { makeTempDir } from '../support/temp-dir.ts';
import { until } from '../support/until.ts';
import { type Isolation, TestScreens } from './support/screens.ts';
import { Viewer } from './support/viewer.ts';

const [TAB, RETURN, ESCAPE] = [0xff09, 0xff0d, 0xff1b];
const CHOOSER = '#10161f';
const PAGE = `<!DOCTYPE html><title>Virtual media</title>
<body style="margin:0;background:#fff"><input type="file" style="position:fixed;inset:0">
<script>
  const field = document.querySelector('input');
  field.onclick = () => fetch('/asked?' + typeof globalThis.racksideChosen);
  field.onchange = async () => {
    const [file] = field.files;
    await fetch('/given?' + file.name, { method: 'POST', body: await file.text() });
    field.value = '';
  };
</script></body>`;

describe('a BMC’s page that asks for a file', function () {
  this.timeout(90_000);
  const each = cleanUp('each');
  let site: BmcSite;
  let given: string[];
  let asked: string[];
  let folder: string;

  beforeEach(async () => {
    given = [];
    asked = [];
    const board = (): BmcPages => ({
      mayConnect: () => false,
      answer({ path, query, body }) {
        if (path === '/asked') asked.push(String(query));
        if (path === '/given') given.push(`${query} ${body}`);
        return { body: path === '/' ? PAGE : '' };
      },
    });
    site = await each.start(BmcSite.start(board));
    const dir = await each.start(makeTempDir('images'));
    folder = dir.path;
    await chmod(folder, 0o755);
    await writeFile(join(folder, 'a.iso'), 'the first');
    await writeFile(join(folder, 'b.img'), 'the second');
    await writeFile(join(folder, 'notes.txt'), 'no image');
    await symlink('/etc/passwd', join(folder, 'c.iso'));
  });

  const look = async (images?: string, isolation: Isolation = 'auto'): Promise<Viewer> => {
    const screens = await each.start(TestScreens.start({ isolation, images }));
    const { endpoint } = await screens.open(site, { vendor: 'browser' });
    return each.add(await Viewer.connect(endpoint));
  };
  /** Clicks on the page's field, beside where the chooser will be. */
  const ask = async (viewer: Viewer): Promise<void> => {
    const before = asked.length;
    await until(() => asked.length > before || viewer.click(60, 10), {
      ...{ timeout: 30_000, every: 1000, what: 'the page to ask' },
    });
  };
  const shows = (viewer: Viewer, chooser: boolean): Promise<unknown> =>
    until(async () => (pixel(await viewer.grab(), 340, 480) === CHOOSER) === chooser, {
      ...{ timeout: 20_000, every: 100, what: chooser ? 'the chooser' : 'the page alone' },
    });
  const choose = async (viewer: Viewer, ...keys: number[]): Promise<void> => {
    await ask(viewer);
    await shows(viewer, true);
    for (const key of keys) viewer.type(key);
    await shows(viewer, false);
  };

  for (const isolation of ['bubblewrap', 'processes'] as const) {
    it(`gets the disk image that is chosen, and nothing that only looks like one (${isolation})`, async () => {
      const viewer = await look(folder, isolation);
      await choose(viewer, ESCAPE);
      await choose(viewer, TAB, TAB, RETURN);
      await choose(viewer, TAB, RETURN);
      await until(() => given.length > 0, { timeout: 10_000, what: 'the image' });
      assert.deepEqual(given, ['b.img= the second'], 'third is the way out');
      assert.deepEqual(new Set(asked), new Set(['undefined=']), 'our way back is not the page’s');
    });
  }

  it('gets nothing in the place of an image that is none any more', async () => {
    const viewer = await look(folder);
    await ask(viewer);
    await shows(viewer, true);
    await rename(join(folder, 'c.iso'), join(folder, 'a.iso'));
    viewer.type(RETURN);
    await shows(viewer, false);
    await choose(viewer, RETURN);
    await until(() => given.length > 0, { timeout: 10_000, what: 'the image' });
    assert.deepEqual(given, ['b.img= the second']);
  });

  it('gets nothing where no folder is configured', async () => {
    const viewer = await look();
    await ask(viewer);
    await ask(viewer);
    assert.notEqual(pixel(await viewer.grab(), 340, 480), CHOOSER);
    assert.deepEqual(given, []);
  });
});
