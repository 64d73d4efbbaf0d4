import type { Page } from 'puppeteer-core';
import { type Image, average, compare } from '../../support/image.ts';
import type { QemuPeer } from '../../support/qemu.ts';
import { until } from '../../support/until.ts';

/** What a person has of a machine: its picture in a tab, and the tab's keyboard. */
interface Viewed {
  readonly page: Page;
  picture(): Promise<Image>;
}

/** Cells of a screen in text mode, each as bright as it is on the whole: edges of letters do not count. */
const GRID = { width: 80, height: 25 };
/** The fraction of cells that may differ: a cursor blinks. */
const SAME = 0.005;
/** Of a screen on which nothing stands, none is brighter than black. */
const PICTURED = 0.01;

/** Resolves when the page shows what the machine itself has on its screen, and that is something. */
export async function showsScreen(
  viewed: Viewed,
  look: () => Promise<Image>,
  timeout = 15_000,
): Promise<void> {
  let last = 1;
  const alike = async () => {
    const [its, seen] = await Promise.all([look(), viewed.picture()]);
    const [sent, shown] = [average(its, GRID), average(seen, GRID)];
    last = compare(sent, shown);
    return last < SAME && compare(shown, BLACK) > PICTURED;
  };
  await until(alike, { timeout, every: 150, what: 'the same picture' }).catch((cause) => {
    throw new Error(`the pictures differ by ${last}`, { cause });
  });
}

/**
 * Types into GRUB's prompt on the tab's keyboard until GRUB says the word again, and sees it come
 * back as a picture.
 */
export async function typesIntoGrub(viewed: Viewed, machine: QemuPeer): Promise<void> {
  const word = `seen-${(spoken += 1)}`;
  const has = async (text: string) => (await machine.screenText()).includes(text);
  const shows = (text: string) =>
    until(() => has(text), { timeout: 30_000, what: `GRUB to show ${text}` });
  const { keyboard } = viewed.page;
  const screen = () => machine.screenshot();
  await shows('GNU GRUB');
  await showsScreen(viewed, screen);
  // GRUB's menu takes `c` for its prompt, where it is taken back; what is typed too soon is lost.
  const prompted = async () => {
    await keyboard.type('c');
    await keyboard.press('Backspace');
    return until(() => has('grub>'), { timeout: 1500, what: 'the prompt' });
  };
  await until(prompted, { timeout: 30_000, what: 'GRUB to show its prompt' });
  // A keyboard controller keeps 16 bytes for a machine that is slow: each key waits for the one before.
  let line = 'grub> ';
  for (const key of `echo ${word}`) {
    line += key;
    await keyboard.type(key);
    await shows(line.trimEnd());
  }
  await keyboard.press('Enter');
  await shows(`\n${word}\n`);
  await showsScreen(viewed, screen);
}

let spoken = 0;

const BLACK: Image = { ...GRID, data: new Uint8Array(GRID.width * GRID.height * 4) };
