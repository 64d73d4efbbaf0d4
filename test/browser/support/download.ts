import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Page } from 'puppeteer-core';
import { makeTempDir } from '../../support/temp-dir.ts';
import { until } from '../../support/until.ts';

/** Presses what saves a file, and gives back the file's name and what Chromium has written into it. */
export async function downloadOf(
  page: Page,
  selector: string,
): Promise<{ name: string; text: string }> {
  const folder = await makeTempDir('download');
  try {
    const client = await page.createCDPSession();
    const downloadPath = folder.path;
    await client.send('Page.setDownloadBehavior', { behavior: 'allow', downloadPath });
    await page.click(selector);
    const saved = async () =>
      (await readdir(downloadPath)).find((name) => !name.endsWith('.crdownload'));
    const name = await until(saved, { timeout: 8000, what: 'the file to be saved' });
    return { name, text: await readFile(join(downloadPath, name), 'utf8') };
  } finally {
    await folder.stop();
  }
}
