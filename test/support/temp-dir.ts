import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface TempDir {
  readonly path: string;
  /** Removes the folder and all in it. */
  stop(): Promise<void>;
}

/** A fresh folder of a peer's own; `what` becomes a part of its name. */
export async function makeTempDir(what: string): Promise<TempDir> {
  const path = await mkdtemp(join(tmpdir(), `rackside-test-${what}-`));
  return { path, stop: () => rm(path, { recursive: true, force: true, maxRetries: 5 }) };
}

/** Runs `start` with a fresh folder, which is removed again when that fails. */
export async function inTempDir<T>(what: string, start: (dir: TempDir) => Promise<T>): Promise<T> {
  const dir = await makeTempDir(what);
  try {
    return await start(dir);
  } catch (error) {
    await dir.stop();
    throw error;
  }
}
