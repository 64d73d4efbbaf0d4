import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * A private folder for sockets, outside dataDir because the path of a Unix socket is limited to
 * 107 bytes (unix(7)). The one that a killed gateway left is removed first: its path is kept in
 * dataDir.
 */
export async function makeRuntimeDir(
  dataDir: string,
): Promise<{ path: string; remove(): Promise<void> }> {
  await mkdir(dataDir, { recursive: true, mode: 0o700 });
  const note = join(dataDir, 'runtime-dir');
  const prefix = join(tmpdir(), 'rackside-');
  const left = await readFile(note, 'utf8').catch(() => '');
  if (left.startsWith(prefix)) await rm(left, { recursive: true, force: true });
  const path = await mkdtemp(prefix);
  await writeFile(note, path, { mode: 0o600 });
  return {
    path,
    async remove() {
      await rm(path, { recursive: true, force: true });
      await rm(note, { force: true });
    },
  };
}
