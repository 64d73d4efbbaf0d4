import type { KeyInput, Page } from 'puppeteer-core';
import { grubBooted, sayInGrub } from '../../support/grub.ts';
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
  const { keyboard } = viewed.page;
  const screen = () => machine.screenshot();
  await grubBooted(machine);
  await showsScreen(viewed, screen);
  const press = (key: string) => keyboard.press(key as KeyInput);
  await sayInGrub(machine, press, `seen-${(spoken += 1)}`);
  await showsScreen(viewed, screen);
}

let spoken = 0;

const BLACK: Image = { ...GRID, data: new Uint8Array(GRID.width * GRID.height * 4) };
