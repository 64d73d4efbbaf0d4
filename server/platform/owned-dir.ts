import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { processStartTime } from './leftovers.ts';

export interface OwnedDir {
  readonly path: string;
  /** Removes the folder and all in it. Idempotent. */
  remove(): Promise<void>;
}

/**
 * A private temporary folder that carries its owner's pid and start time in its name, so that the
 * next one of its kind removes what a killed process left. Short, because it holds Unix sockets,
 * whose paths are limited to 107 bytes (unix(7)).
 */
export async function makeOwnedDir(kind: string): Promise<OwnedDir> {
  const prefix = `rackside-${kind}-`;
  for (const name of await readdir(tmpdir())) {
    const [pid, startedAt] = name.startsWith(prefix) ? name.slice(prefix.length).split('-') : [];
    if (pid === undefined || processStartTime(Number(pid)) === startedAt) continue;
    // Another user's folder cannot be removed, and is no leftover of ours.
    await rm(join(tmpdir(), name), { recursive: true, force: true }).catch(() => undefined);
  }
  const owner = `${process.pid}-${processStartTime(process.pid) ?? 'unknown'}`;
  const path = await mkdtemp(join(tmpdir(), `${prefix}${owner}-`));
  return { path, remove: () => rm(path, { recursive: true, force: true }) };
}
