import assert from 'node:assert/strict';
import { before, describe, it } from 'mocha';
import { cleanUp } from '../support/dispose.ts';
import { startVnc } from '../support/vnc.ts';
import type { ConsolePage } from './support/console-page.ts';
import { Stage, machine } from './support/stage.ts';

/** Words of the bar and the menu that stand for the language. */
const WORDS = {
  en: [/Connected/, /Close the session/, /Clipboard/],
  de: [/Verbunden/, /Sitzung/, /Zwischenablage/],
  ru: [/Подключено/, /сеанс/i, /Буфер обмена/],
};

describe('the choice of', function () {
  this.slow(4000);
  const suite = cleanUp();
  const each = cleanUp('each');
  let stage: Stage;

  before(async function () {
    this.timeout(40_000);
    const desk = await suite.start(startVnc({ content: 'terminal' }));
    stage = await Stage.start(suite, { machines: [machine('shell', desk)] });
  });

  async function speaks(page: ConsolePage, language: keyof typeof WORDS): Promise<void> {
    await page.page.waitForSelector(`html[lang=${language}]`);
    await page.openMenu();
    const words = await page.words();
    for (const [tag, patterns] of Object.entries(WORDS)) {
      for (const pattern of patterns) {
        if (tag === language) assert.match(words, pattern);
        else assert.doesNotMatch(words, pattern);
      }
    }
    await page.dismissMenu();
  }

  async function choose(page: ConsolePage, select: string, value: string): Promise<void> {
    await page.openMenu();
    await page.page.select(`[data-testid=${select}]`, value);
    await page.dismissMenu();
  }

  it('the language changes every word, and is remembered', async () => {
    const page = await stage.show(each, { machine: 'lab:shell' });
    await speaks(page, 'en');
    for (const language of ['ru', 'de'] as const) {
      await choose(page, 'language', language);
      await speaks(page, language);
      await page.page.reload({ waitUntil: 'domcontentloaded' });
      await page.reaches('connected');
      await speaks(page, language);
    }
    await page.goto(stage.network.url);
    await page.page.waitForSelector('html[lang=de]');
    await page.says(/Anmelden/);
    page.assertOnlyRefusals(401);
  });

  it('the time zone changes the shown end, and is remembered', async () => {
    const page = await stage.show(each, { machine: 'lab:shell' });
    const { expiresAt } = await stage.gateway.view(page.id);
    const shown = () =>
      page.page.$eval('[data-testid=time-left]', (time) => time.getAttribute('title') ?? '');
    const endIn = (timeZone: string) =>
      new Intl.DateTimeFormat('en', { timeZone, timeStyle: 'short' }).format(new Date(expiresAt));
    for (const zone of ['Asia/Tokyo', 'America/New_York', 'UTC']) {
      await choose(page, 'timezone', zone);
      await page.page.waitForFunction(
        (end) =>
          document
            .querySelector('[data-testid=time-left]')
            ?.getAttribute('title')
            ?.replaceAll(/\s/g, ' ')
            .includes(end),
        { timeout: 3000 },
        endIn(zone).replaceAll(/\s/g, ' '),
      );
    }
    assert.notEqual(endIn('UTC'), endIn('Asia/Tokyo'));
    await choose(page, 'timezone', 'Asia/Tokyo');
    await page.page.reload({ waitUntil: 'domcontentloaded' });
    await page.reaches('connected');
    const plain = (text: string) => text.replaceAll(/\s/g, ' ');
    assert.ok(plain(await shown()).includes(plain(endIn('Asia/Tokyo'))), await shown());
    page.assertClean();
  });
});
