import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Pictures that are kept, the newest ones. */
const KEPT = 20;

/** Pictures of pages that are not what a driver expects, for the operator. */
export class Evidence {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /**
   * @param machine whose page it is; becomes a part of the file's name.
   * @returns the file's path.
   */
  async keep(machine: string, png: Uint8Array, at: Date): Promise<string> {
    await mkdir(this.#folder, { recursive: true, mode: 0o700 });
    const time = at.toISOString().replaceAll(':', '-');
    const path = join(this.#folder, `${time}-${machine.replaceAll(/[^\w.-]+/g, '_')}.png`);
    await writeFile(path, png, { mode: 0o600 });
    const names = (await readdir(this.#folder)).toSorted();
    for (const name of names.slice(0, -KEPT)) await rm(join(this.#folder, name), { force: true });
    return path;
  }
}
