import { constants } from 'node:fs';
import { access, readdir } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Config } from '../../config.ts';
import { loopbackImages } from '../../images/loopback-images.ts';
import { type Finding, reasonOf } from './finding.ts';

const WHAT = 'images';

/** Whether the folder of disk images can be read, and BMCs find the gateway for them. */
export async function checkImages(config: Config): Promise<Finding[]> {
  const { path } = config.images;
  if (path === undefined) return [];
  const folder = resolve(path);
  const loopback = loopbackImages(config);
  const message = `BMCs are told to fetch images from ${loopback}, which is each BMC itself; set images.url to where they reach this gateway`;
  return [
    await checkFolder(folder),
    ...(loopback === undefined ? [] : [{ level: 'note', what: WHAT, message } as const]),
  ];
}

async function checkFolder(folder: string): Promise<Finding> {
  try {
    await readdir(folder);
    await access(folder, constants.X_OK);
    return { level: 'ok', what: WHAT, message: `${folder} can be read` };
  } catch (error) {
    const message = `${folder} cannot be read (${reasonOf(error)}); make it readable to the gateway's user, or correct images.path`;
    return { level: 'wrong', what: WHAT, message };
  }
}
