import { makeOwnedDir } from '../../server/platform/owned-dir.ts';

export interface TempDir {
  readonly path: string;
  /** Removes the folder and all in it. May be called twice. */
  stop(): Promise<void>;
}

/**
 * A fresh folder. `what` becomes a part of its name; what killed test runs left under that name is
 * removed first.
 */
export async function makeTempDir(what: string): Promise<TempDir> {
  const dir = await makeOwnedDir(`test-${what}`);
  return { path: dir.path, stop: () => dir.remove() };
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
