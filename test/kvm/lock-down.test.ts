import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFile, readdir, stat } from 'node:fs/promises';
import { type AddressInfo, type Server, createServer } from 'node:net';
import { before, beforeEach, describe, it } from 'mocha';
import { BmcSite } from '../simulators/bmc-pages/bmc-site.ts';
import { hostileBoard } from '../simulators/bmc-pages/hostile-board.ts';
import { BOARD_FORM, plainBoard } from '../simulators/bmc-pages/plain-board.ts';
import { cleanUp } from '../support/dispose.ts';
import { type Image, pixel } from '../support/image.ts';
import { until } from '../support/until.ts';
import { type OpenedKvm, TestScreens, type TestScreensOptions } from './support/screens.ts';
import { Viewer } from './support/viewer.ts';

const [CTRL, SHIFT, ALT, SUPER] = [0xffe3, 0xffe1, 0xffe9, 0xffeb];
const F = (number: number): number => 0xffbd + number;
const [TAB, ESCAPE, DELETE, BACKSPACE, MENU, HOME, LEFT] = [
  0xff09, 0xff1b, 0xffff, 0xff08, 0xff67, 0xff50, 0xff51,
];

/** What a browser takes for itself, and a server’s operator may want to type. */
const SHORTCUTS: readonly (readonly (number | string)[])[] = [
  ...[1, 3, 4, 5, 6, 7, 10, 11, 12].map((number) => [F(number)]),
  ...['t', 'n', 'w', 'o', 'u', 's', 'p', 'j', 'h', 'l', 'd', 'f', 'g', 'k', 'e', 'r', 'q', '1'].map(
    (key) => [CTRL, key],
  ),
  ...['I', 'J', 'C', 'N', 'W', 'T', 'O', 'B', 'M', 'A', 'Q', 'P'].map((key) => [CTRL, SHIFT, key]),
  ...[
    [CTRL, TAB],
    [CTRL, SHIFT, DELETE],
    [CTRL, F(4)],
    [SHIFT, ESCAPE],
    [SHIFT, F(10)],
  ],
  ...[
    [ALT, F(4)],
    [ALT, 'd'],
    [ALT, 'f'],
    [ALT, 'e'],
    [ALT, HOME],
    [ALT, LEFT],
    [ALT, TAB],
  ],
  ...[[SUPER], [MENU], [BACKSPACE], [ESCAPE], [ALT, SUPER, 'i']],
];

/** Those that open something of the browser's own, if a page has no part in them. */
const LEADING_OUT: readonly (readonly (number | string)[])[] = [
  ...['o', 'p', 's', 't', 'u'].map((key) => [CTRL, key]),
  ...[[SHIFT, ESCAPE], [F(1)], [F(12)]],
];

/** Whether the picture is the console’s canvas and nothing else; the pointer is a part of it. */
function showsConsoleAlone(image: Image): boolean {
  let other = 0;
  for (let y = 2; y < image.height; y += 3) {
    for (let x = 2; x < image.width; x += 3) {
      const isCanvas = x < 806 && y < 506;
      if (!isCanvas && pixel(image, x, y) !== '#222222') other += 1;
    }
  }
  return pixel(image, 700, 400) === '#008000' && other < 60;
}

const SCREENS = [
  { isolation: 'bubblewrap' },
  { isolation: 'processes' },
  { isolation: 'bubblewrap', warm: 1 },
] as const satisfies readonly TestScreensOptions[];

for (const options of SCREENS) {
  const how = Object.entries(options).join(' ').replaceAll(',', ' ');
  describe(`the browser of a BMC’s console (${how})`, function () {
    this.timeout(60_000);
    const suite = cleanUp();
    const each = cleanUp('each');
    let screens: TestScreens;
    let other: Server;
    let strangers = 0;

    const look = async ({ endpoint }: OpenedKvm): Promise<Viewer> =>
      each.add(await Viewer.connect(endpoint));
    const shows = (viewer: Viewer) =>
      until(async () => showsConsoleAlone(await viewer.grab()), {
        ...{ timeout: 20_000, every: 200, what: 'the console and nothing else' },
      });

    before(async () => {
      screens = await suite.start(TestScreens.start(options));
      other = createServer((socket) => {
        strangers += 1;
        socket.destroy();
      }).listen(0, '127.0.0.1');
      await once(other, 'listening');
      suite.add(() => other.close());
    });

    beforeEach(() => {
      strangers = 0;
    });

    it('gives every key to the BMC and takes none for itself', async () => {
      const site = await suite.start(BmcSite.start(plainBoard));
      const opened = await screens.open(site, { form: BOARD_FORM });
      const viewer = await look(opened);
      await shows(viewer);
      await until(() => viewer.type('a') && site.typed.includes('a'), {
        ...{ timeout: 10_000, every: 200, what: 'a key' },
      });
      for (const keys of SHORTCUTS) viewer.type(...keys);
      viewer.type('z');
      await until(() => site.typed.endsWith('z'), { timeout: 20_000, what: 'the last key' });
      const keys = new Set(site.inputs.map(({ key }) => key));
      for (const number of [1, 3, 4, 5, 6, 7, 10, 11, 12]) {
        assert.ok(keys.has(`F${number}`), `F${number} arrives`);
      }
      const combined = site.inputs.filter(({ type, ctrlKey }) => type === 'keydown' && ctrlKey);
      for (const key of ['t', 'n', 'w', 'o', 'u', 's', 'p', 'I', 'J', 'Q', 'W']) {
        assert.ok(
          combined.some((input) => input.key === key),
          `Ctrl with ${key} arrives`,
        );
      }
      for (const [x, button] of [
        [400, 3],
        [300, 2],
      ] as const) {
        viewer.click(x, 300, button);
        await until(
          () => site.inputs.some((input) => input.type === 'mousedown' && input.x === x),
          {
            ...{ timeout: 10_000, what: `button ${button}` },
          },
        );
      }
      await shows(viewer);
      assert.deepEqual([opened.faults, site.consoles], [[], 1]);
    });

    it('is not left by a page that tries to', async () => {
      const { port } = other.address() as AddressInfo;
      const site = await suite.start(BmcSite.start(hostileBoard(port)));
      const opened = await screens.open(site, { vendor: 'browser' });
      const viewer = await look(opened);
      await until(() => site.calls.includes('GET /tried'), {
        ...{ timeout: 20_000, what: 'all attempts' },
      });
      await shows(viewer);
      assert.deepEqual([site.consoles, strangers], [1, 0]);
      assert.deepEqual(await filesNamed('file.bin'), [], 'nothing is downloaded');
    });

    it('gives no file, window or key to a frame that is a process of its own', async () => {
      const told: string[] = [];
      const site = await suite.start(
        BmcSite.start(() => {
          const board = hostileBoard(0)();
          return {
            ...board,
            answer: (request) => {
              if (request.method === 'POST') told.push(String(request.query));
              return board.answer(request);
            },
          };
        }),
      );
      const { endpoint, faults } = await screens.openUrl(new URL('/framed', site.url), {
        ...{ vendor: 'browser', trust: { fingerprint: site.fingerprint } },
      });
      const viewer = each.add(await Viewer.connect(endpoint));
      await shows(viewer);
      const times = (what: string) => told.filter((one) => one === what).length;
      for (const round of ['1', '2', '3']) {
        const before = times('cancelled=');
        await until(() => times('cancelled=') > before || viewer.click(300, 300), {
          ...{ timeout: 15_000, every: 1000, what: 'an empty answer to a page that wants a file' },
        });
        for (const keys of LEADING_OUT) viewer.type(...keys);
        viewer.type(round);
        await until(() => times(`key=${round}`) > 0, { timeout: 10_000, what: 'the last key' });
        await shows(viewer);
      }
      for (const [, key] of LEADING_OUT.filter(([first]) => first === CTRL)) {
        assert.equal(times(`key=${key}`), 3, `Ctrl with ${key} arrives`);
      }
      assert.deepEqual([faults, told.filter((what) => what.startsWith('read'))], [[], []]);
      viewer.type('q');
      await until(() => faults.length > 0, { timeout: 10_000, what: 'a question to be refused' });
      await until(() => site.consoles === 0, { timeout: 10_000, what: 'the page to be left' });
      assert.match(String(faults), /the BMC's page asks something \(confirm\)/);
    });

    it('has no password in its arguments, its environment or a log', async () => {
      const site = await suite.start(BmcSite.start(plainBoard));
      await screens.open(site, { form: BOARD_FORM });
      await until(() => site.consoles === 1, { timeout: 20_000, what: 'the console' });
      const seen = await processTexts();
      assert.ok(seen.some((text) => text.includes('--remote-debugging-pipe')));
      for (const text of seen) assert.ok(!text.includes(site.password));
      const browsers = seen.filter((text) => text.includes('--kiosk'));
      assert.ok(!browsers.some((text) => text.includes('--remote-debugging-port')));
    });
  });
}

async function processTexts(): Promise<string[]> {
  const texts: string[] = [];
  for (const pid of await readdir('/proc')) {
    if (!/^\d+$/.test(pid)) continue;
    for (const file of ['cmdline', 'environ']) {
      texts.push(await readFile(`/proc/${pid}/${file}`, 'utf8').catch(() => ''));
    }
  }
  return texts;
}

async function filesNamed(name: string): Promise<string[]> {
  const found: string[] = [];
  for (const pid of await readdir('/proc')) {
    const cmdline = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
    if (!cmdline.includes('--remote-debugging-pipe') || !cmdline.includes('--kiosk')) continue;
    const profile = /--user-data-dir=([^\0]+)\/profile/.exec(cmdline)?.[1] ?? '';
    for (const folder of ['', '/Downloads']) {
      const path = `/proc/${pid}/root${profile}${folder}/${name}`;
      if (await stat(path).catch(() => null)) found.push(path);
    }
  }
  return found;
}
