import assert from 'node:assert/strict';
import { before, describe, it } from 'mocha';
import { cleanUp } from '../support/dispose.ts';
import { type VncPeer, startVnc } from '../support/vnc.ts';
import type { ConsolePage } from './support/console-page.ts';
import { Stage, machine } from './support/stage.ts';
import { typedFile } from './support/typed-file.ts';

const FIELD = '[data-testid=clipboard]';

describe("the page's clipboard", function () {
  this.slow(4000);
  const suite = cleanUp();
  let terminal: VncPeer;
  let page: ConsolePage;

  before(async function () {
    this.timeout(40_000);
    terminal = await suite.start(startVnc({ content: 'terminal' }));
    const stage = await Stage.start(suite, { machines: [machine('shell', terminal)] });
    page = await stage.show(suite, { machine: 'lab:shell' });
  });

  /** Writes into the menu's field in the place of what is there. */
  async function write(text: string): Promise<void> {
    await page.openMenu();
    await page.page.click(FIELD, { count: 3 });
    await page.page.keyboard.sendCharacter(text);
    await page.dismissMenu();
  }

  /** Lets the machine's shell write as many bytes as `text` has to a file, whenever they come. */
  async function receive(text: string, name: string): Promise<void> {
    const bytes = `head -c ${Buffer.byteLength(text)} > ${name}; echo >> ${name}`;
    await page.page.keyboard.type(
      `stty -icanon; echo ready > ${name}-ready; ${bytes}; stty icanon\n`,
    );
    // Before, the shell's own line editor would take the paste.
    await typedFile(terminal, `${name}-ready`);
  }

  for (const text of ['put into the menu', 'another one: <&>"\\ ~', 'für Zoë, 20 °C']) {
    it(`gives the machine what is written into the menu's field: ${text}`, async () => {
      await write(text);
      const name = `pasted-${text.length}`;
      await receive(text, name);
      // The terminal's own key for CLIPBOARD; Shift-Insert there is for PRIMARY.
      await page.chord('Control', 'Shift', 'KeyV');
      assert.equal(await typedFile(terminal, name), `${text}\n`);
      page.assertClean();
    });
  }

  it('gives it to a paste with Shift-Insert likewise', async () => {
    await write('by shift insert');
    await receive('by shift insert', 'inserted');
    await page.chord('Shift', 'Insert');
    assert.equal(await typedFile(terminal, 'inserted'), 'by shift insert\n');
    page.assertClean();
  });

  it("shows in the menu's field what is selected on the machine", async () => {
    await page.page.keyboard.type('clear; yes selected-on-the-machine | head -100\n');
    await page.page.keyboard.type('echo ready > ready\n');
    await typedFile(terminal, 'ready');
    const { at } = await page.aim({ x: 60, y: 300 }, { width: 1024, height: 768 });
    await page.page.mouse.click(at.x, at.y, { count: 3 });
    await page.openMenu();
    await page.page.waitForFunction(
      (field) => document.querySelector<HTMLTextAreaElement>(field)?.value !== 'by shift insert',
      { timeout: 5000 },
      FIELD,
    );
    const text = await page.page.$eval(FIELD, (field) => (field as HTMLTextAreaElement).value);
    assert.equal(text.trim(), 'selected-on-the-machine');
    await page.dismissMenu();
    page.assertClean();
  });
});
