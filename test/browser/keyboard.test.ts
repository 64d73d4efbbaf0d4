import assert from 'node:assert/strict';
import { before, describe, it } from 'mocha';
import { cleanUp } from '../support/dispose.ts';
import { until } from '../support/until.ts';
import { type VncPeer, startVnc } from '../support/vnc.ts';
import type { ConsolePage } from './support/console-page.ts';
import { InputRecord } from './support/input-record.ts';
import { DESK, PHONE, Stage, type Window, machine } from './support/stage.ts';
import { typedFile } from './support/typed-file.ts';

describe("the page's keyboard", function () {
  this.slow(4000);
  const suite = cleanUp();
  let terminal: VncPeer;
  let record: InputRecord;
  let stage: Stage;

  before(async function () {
    this.timeout(40_000);
    const [shell, recorder] = await Promise.all([
      suite.start(startVnc({ content: 'terminal' })),
      suite.start(startVnc({ content: 'input' })),
    ]);
    terminal = shell;
    record = new InputRecord(recorder);
    const machines = [machine('shell', shell), machine('record', recorder)];
    stage = await Stage.start(suite, { machines });
  });

  // Consoles are kept between the tests, as a person keeps a tab; what was opened on them is not.
  const shown = new Map<string, ConsolePage>();
  const show = async (id: string, window: Window = DESK): Promise<ConsolePage> => {
    const key = `${id} ${window.width}`;
    const page = shown.get(key) ?? (await stage.show(suite, { machine: id }, window));
    shown.set(key, page);
    await page.page.bringToFront();
    return page;
  };
  /** The machine that records its keys. */
  const recording = () => show('lab:record');

  beforeEach(() => record.begin());
  afterEach(async () => {
    for (const page of shown.values()) await page.putAway();
  });

  describe('typing', () => {
    it('makes the file that the typed command makes', async () => {
      const page = await show('lab:shell');
      await page.page.keyboard.type('echo hello > plain\n');
      assert.equal(await typedFile(terminal, 'plain'), 'hello\n');
      page.assertClean();
    });

    it('knows capitals and every symbol of the keyboard', async () => {
      const page = await show('lab:shell');
      const text = 'Hello WORLD 0123456789 `~!@#$%^&*()-_=+[{]}\\|;:",<.>/?';
      await page.page.keyboard.type(`echo '${text}' > symbols\n`);
      assert.equal(await typedFile(terminal, 'symbols'), `${text}\n`);
      page.assertClean();
    });

    it('holds a key as long as the hand does', async () => {
      const page = await recording();
      await page.page.keyboard.down('Control');
      await page.page.keyboard.press('c');
      await record.keysUntil('-c');
      await page.page.keyboard.up('Control');
      const keys = await record.keysUntil('-Control_L');
      assert.deepEqual(keys, ['+Control_L', '+c', '-c', '-Control_L']);
      page.assertClean();
    });

    it('lets go of what is held when the window loses the keyboard', async () => {
      const page = await recording();
      await page.page.keyboard.down('Shift');
      await page.page.keyboard.down('F5');
      await until(async () => (await record.keys()).includes('+F5'), {
        timeout: 5000,
        what: 'a held key',
      });
      // Another tab of the same window.
      const elsewhere = await page.page.browserContext().newPage();
      const released = async () => (await record.held()).length === 0;
      await until(released, { timeout: 5000, what: 'nothing held' });
      await record.keysUntil((await record.keys()).at(-1) ?? '');
      assert.deepEqual(await record.held(), []);
      await elsewhere.close();
      for (const key of ['Shift', 'F5'] as const) await page.page.keyboard.up(key);
      page.assertClean();
    });
  });

  describe('the menu', () => {
    it('opens and closes with Ctrl-Alt-Shift, and holds nothing down meanwhile', async () => {
      const page = await recording();
      await page.chord('Control', 'Alt', 'Shift');
      await page.menuIsOpen();
      const opened = await record.keysUntil('-Alt_L');
      assert.deepEqual(opened.toSorted(), ['+Alt_L', '+Control_L', '-Alt_L', '-Control_L']);
      await page.page.keyboard.type('x');
      await page.chord('Control', 'Alt', 'Shift');
      await page.menuIsClosed();
      await record.begin();
      await page.page.keyboard.press('y');
      assert.deepEqual(await record.keysUntil('-y'), ['+y', '-y'], 'the screen has the keys again');
      page.assertClean();
    });

    it('opens with the three keys in any order', async () => {
      const page = await recording();
      await page.chord('Shift', 'Alt', 'Control');
      await page.menuIsOpen();
      // X calls the Alt key Meta while Shift is held.
      const keys = await record.keysUntil('-Alt_L');
      assert.deepEqual(keys, ['+Shift_L', '+Meta_L', '-Shift_L', '-Alt_L']);
      assert.deepEqual(await record.held(), []);
      page.assertClean();
    });

    it('goes with Esc, which the machine does not get', async () => {
      const page = await recording();
      await page.openMenu();
      await page.page.keyboard.press('Escape');
      await page.menuIsClosed();
      await page.page.keyboard.press('z');
      assert.deepEqual(await record.keysUntil('-z'), ['+z', '-z']);
      page.assertClean();
    });

    it('keeps its own typing from the machine', async () => {
      const page = await recording();
      await page.openMenu();
      await page.page.type('[data-testid=clipboard]', 'secret words');
      await page.dismissMenu();
      await page.page.keyboard.press('z');
      assert.deepEqual(await record.keysUntil('-z'), ['+z', '-z']);
      page.assertClean();
    });
  });

  describe('keys that a browser keeps for itself', () => {
    const CTRL_ALT_DEL = [
      '+Control_L',
      '+Alt_L',
      '+Delete',
      ...['-Delete', '-Alt_L', '-Control_L'],
    ];

    it('Ctrl-Alt-Del from the bar', async () => {
      const page = await recording();
      await page.click('ctrl-alt-del');
      assert.deepEqual(await record.keysUntil('-Control_L'), CTRL_ALT_DEL);
      const pressed = (await record.events()).find(({ key }) => key === 'Delete');
      assert.equal((pressed?.state ?? 0) & 0xd, 0xc, 'Control and Alt are held, Shift is not');
      await page.page.keyboard.press('z');
      assert.deepEqual((await record.keysUntil('-z')).slice(-2), ['+z', '-z'], 'typing goes on');
      page.assertClean();
    });

    const combinations: Record<string, string[]> = {
      'ctrl-alt-del': CTRL_ALT_DEL,
      'alt-tab': ['+Alt_L', '+Tab', '-Tab', '-Alt_L'],
      'alt-f4': ['+Alt_L', '+F4', '-F4', '-Alt_L'],
      win: ['+Super_L', '-Super_L'],
      'print-screen': ['+Print', '-Print'],
      'ctrl-alt-backspace': [
        ...['+Control_L', '+Alt_L', '+BackSpace'],
        ...['-BackSpace', '-Alt_L', '-Control_L'],
      ],
    };
    it(`from the menu: ${Object.keys(combinations).join(', ')}`, async () => {
      const page = await recording();
      await page.openMenu();
      for (const [name, keys] of Object.entries(combinations)) {
        await record.begin();
        await page.send(name);
        assert.deepEqual(await record.keysUntil(keys.at(-1) ?? ''), keys, name);
      }
      page.assertClean();
    });

    it('Ctrl-Alt-F1 to F12 from the menu', async () => {
      const page = await recording();
      await page.openMenu();
      for (const key of ['F1', 'F2', 'F12']) {
        await record.begin();
        await page.send(`ctrl-alt-${key.toLowerCase()}`);
        await record.keysUntil('-Control_L');
        // X has keys of its own for these (XF86Switch_VT_2); TigerVNC adds Shift to have F2.
        const pressed = (await record.events()).find((event) => event.key === key);
        assert.equal((pressed?.state ?? 0) & 0xc, 0xc, `${key} with Control and Alt`);
        assert.deepEqual(await record.held(), []);
      }
      page.assertClean();
    });

    it('let go of what was held by hand before', async () => {
      const page = await recording();
      await page.page.keyboard.down('Shift');
      await page.click('ctrl-alt-del');
      const keys = await record.keysUntil('-Control_L');
      assert.deepEqual(keys, ['+Shift_L', '-Shift_L', ...CTRL_ALT_DEL]);
      page.assertClean();
    });
  });

  describe('the text field', () => {
    for (const [where, window] of [
      ['on a desktop', DESK],
      ['on a phone', PHONE],
    ] as const) {
      it(`types any alphabet, ${where}`, async () => {
        const page = await show('lab:shell', window);
        await page.chooseInput('text');
        const name = `alphabets-${window.width}`;
        for (const part of ['echo ', 'é', 'ß', 'ж', 'Щ', '€', '日', ` > ${name}`]) {
          await page.page.keyboard.sendCharacter(part);
        }
        await page.page.keyboard.press('Enter');
        assert.equal(await typedFile(terminal, name), 'éßжЩ€日\n');
        page.assertClean();
      });
    }

    it('takes back what was typed, and sends Ctrl with the next letter', async () => {
      const page = await recording();
      await page.chooseInput('text');
      await page.page.keyboard.sendCharacter('a');
      await page.page.keyboard.press('Backspace');
      assert.deepEqual(await record.keysUntil('-BackSpace'), [
        '+a',
        '-a',
        '+BackSpace',
        '-BackSpace',
      ]);
      await record.begin();
      await clickWords(page, '[data-testid=text-input] button', 'Ctrl');
      await page.page.keyboard.sendCharacter('c');
      assert.deepEqual(await record.keysUntil('-Control_L'), [
        ...['+Control_L', '+c', '-c', '-Control_L'],
      ]);
      page.assertClean();
    });
  });

  describe('the on-screen keyboard', () => {
    for (const [where, window] of [
      ['on a desktop', DESK],
      ['on a phone', PHONE],
    ] as const) {
      it(`types a letter, Shift with a letter, Ctrl with one, ${where}`, async () => {
        const page = await show('lab:record', window);
        await page.chooseInput('osk');
        await tapKeys(page, 'q');
        assert.deepEqual(await record.keysUntil('-q'), ['+q', '-q']);

        await record.begin();
        await tapKeys(page, 'Shift', 'w', 'e');
        const shifted = await record.keysUntil('-e');
        assert.deepEqual(shifted, ['+Shift_L', '+W', '-W', '-Shift_L', '+e', '-e'], 'once');

        await record.begin();
        await tapKeys(page, 'Ctrl', 'c');
        const sticky = await record.keysUntil('-Control_L');
        assert.deepEqual(sticky, ['+Control_L', '+c', '-c', '-Control_L']);

        await record.begin();
        await tapKeys(page, 'Ctrl', 'Ctrl', 'c', 'd');
        await record.keysUntil('-d');
        assert.deepEqual(await record.held(), ['Control_L'], 'twice locks it');
        await tapKeys(page, 'Ctrl');
        await record.keysUntil('-Control_L');
        assert.deepEqual(await record.held(), []);
        page.assertClean();
      });
    }

    it('lets go of its modifiers when it is put away', async () => {
      const page = await recording();
      await page.chooseInput('osk');
      await tapKeys(page, 'Alt');
      await record.keysUntil('+Alt_L');
      await page.page.click('[data-testid=osk] .dock-dismiss');
      assert.deepEqual(await record.keysUntil('-Alt_L'), ['+Alt_L', '-Alt_L']);
      page.assertClean();
    });
  });

  async function tapKeys(page: ConsolePage, ...labels: string[]): Promise<void> {
    for (const label of labels) {
      const key = await page.page.waitForSelector(`[data-testid=osk] [data-key="${label}"]`);
      if (page.page.viewport()?.hasTouch === true) await key?.tap();
      else await key?.click();
    }
  }

  async function clickWords(page: ConsolePage, selector: string, words: string): Promise<void> {
    for (const button of await page.page.$$(selector)) {
      if ((await button.evaluate((element) => element.textContent)) !== words) continue;
      await button.click();
      return;
    }
    assert.fail(`no ${words}`);
  }
});
