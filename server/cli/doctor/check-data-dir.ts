import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { type Finding, codeOf, reasonOf } from './finding.ts';

const WHAT = 'dataDir';
const OTHERS = 0o077;

/** Whether the gateway, run by whoever runs this, can keep its files, and nobody else reads them. */
export async function checkDataDir(dataDir: string): Promise<Finding[]> {
  const dir = resolve(dataDir);
  try {
    const found = await stat(dir);
    if (!found.isDirectory()) return [wrong(`${dir} is no folder; name another in dataDir`)];
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return [await checkCreatable(dir)];
    return [wrong(`${dir}: ${reasonOf(error)}; name a folder that can be read in dataDir`)];
  }
  if (!(await isWritable(dir))) {
    return [wrong(`${dir} cannot be written to by ${user()}; chown it to the gateway's user`)];
  }
  const key = join(dir, 'key');
  const mode = (await stat(key).catch(() => undefined))?.mode ?? 0;
  if ((mode & OTHERS) !== 0) {
    return [wrong(`${key} can be read by others, who can then forge sessions; chmod 600 ${key}`)];
  }
  return [{ level: 'ok', what: WHAT, message: `${dir} can be written to by ${user()}` }];
}

async function checkCreatable(dir: string): Promise<Finding> {
  let parent = dirname(dir);
  while (!(await stat(parent).catch(() => undefined)) && parent !== dirname(parent)) {
    parent = dirname(parent);
  }
  if (await isWritable(parent)) {
    return { level: 'ok', what: WHAT, message: `${dir} will be made at the first start` };
  }
  return wrong(`${dir} is not there, and ${user()} cannot make it; make it for the gateway's user`);
}

async function isWritable(dir: string): Promise<boolean> {
  return access(dir, constants.W_OK | constants.X_OK).then(
    () => true,
    () => false,
  );
}

function user(): string {
  return `uid ${process.getuid?.() ?? 'unknown'}`;
}

function wrong(message: string): Finding {
  return { level: 'wrong', what: WHAT, message };
}
