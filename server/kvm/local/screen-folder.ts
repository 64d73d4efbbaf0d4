import { randomBytes } from 'node:crypto';
import { chmod, chown, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { processStartTime } from '../../platform/leftovers.ts';
import { xauthorityOf } from '../../platform/xauthority.ts';
import type { ScreenProgram } from '../runner.ts';
import { OPENBOX_CONFIG } from './launcher.ts';

/** The folder of one screen: sockets, the X server's cookie, what its programs are configured by. */
export interface ScreenFolder {
  readonly path: string;
  readonly home: string;
  readonly rfbSocket: string;
  readonly proxySocket: string;
  /** Removes it, and what an X server that was killed has left elsewhere. Idempotent. */
  remove(): Promise<void>;
}

export interface FolderOptions {
  readonly path: string;
  /** Whose it is. */
  readonly uid: number;
  readonly program: ScreenProgram;
  /** Names that its programs know, as in /etc/hosts; absent are none. */
  readonly names?: string | undefined;
}

export async function makeScreenFolder({
  path,
  uid,
  program,
  names,
}: FolderOptions): Promise<ScreenFolder> {
  const home = join(path, 'home');
  const remove = () => removeScreenFolder(path);
  try {
    await mkdir(home, { recursive: true, mode: 0o700 });
    await mkdir(join(path, 'policy'));
    const { policy, files = {} } = program;
    if (policy) await writeFile(join(path, 'policy', 'rackside.json'), JSON.stringify(policy));
    for (const [name, text] of Object.entries(files)) {
      await mkdir(dirname(join(path, 'files', name)), { recursive: true });
      await writeFile(join(path, 'files', name), text);
    }
    if (names !== undefined) await writeFile(join(path, 'hosts'), names);
    await writeFile(join(path, 'rc.xml'), OPENBOX_CONFIG);
    await writeFile(join(path, 'xauthority'), xauthorityOf(randomBytes(16)), { mode: 0o600 });
    await chmod(path, 0o700);
    if (process.getuid?.() === 0) {
      for (const name of ['', 'home', 'xauthority']) await chown(join(path, name), uid, uid);
    }
  } catch (error) {
    await remove();
    throw error;
  }
  const [rfbSocket, proxySocket] = [join(path, 'rfb'), join(path, 'proxy')];
  return { path, home, rfbSocket, proxySocket, remove };
}

export async function removeScreenFolder(path: string): Promise<void> {
  const display = await readFile(join(path, 'display'), 'utf8').catch(() => '');
  if (/^\d+\n$/.test(display)) await removeDisplay(Number(display));
  await rm(path, { recursive: true, force: true, maxRetries: 5 });
}

/** A killed X server leaves its lock, which nobody but its user and root may remove. */
async function removeDisplay(number: number): Promise<void> {
  const lock = join(tmpdir(), `.X${number}-lock`);
  const pid = Number(await readFile(lock, 'utf8').catch(() => ''));
  if (!pid || processStartTime(pid) !== undefined) return;
  const rights = () => undefined;
  await rm(lock, { force: true }).catch(rights);
  await rm(join(tmpdir(), '.X11-unix', `X${number}`), { force: true }).catch(rights);
}
