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
  for (const abandoned of await abandonedDirs(kind)) {
    // Another user's folder cannot be removed, and is no leftover of ours.
    await rm(abandoned, { recursive: true, force: true }).catch(() => undefined);
  }
  const path = await mkdtemp(join(tmpdir(), `rackside-${kind}-${ownerName()}-`));
  return { path, remove: () => rm(path, { recursive: true, force: true }) };
}

/** This process as part of a name, by which it is known that it is gone. */
export function ownerName(): string {
  return `${process.pid}-${processStartTime(process.pid) ?? 'unknown'}`;
}

/** Whether a name that begins with `prefix` and an owner's name is of an owner that is gone. */
export function isAbandoned(name: string, prefix: string): boolean {
  if (!name.startsWith(prefix)) return false;
  // What follows is no owner where the prefix is only the beginning of another kind's.
  const [, pid, startedAt] = /^(\d+)-(\w+)/.exec(name.slice(prefix.length)) ?? [];
  return pid !== undefined && processStartTime(Number(pid)) !== startedAt;
}

/** Folders of this kind whose owners are gone. Full paths. */
export async function abandonedDirs(kind: string): Promise<string[]> {
  const names = await readdir(tmpdir());
  return names
    .filter((name) => isAbandoned(name, `rackside-${kind}-`))
    .map((name) => join(tmpdir(), name));
}
