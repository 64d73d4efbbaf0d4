import { readdir, realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';

const IMAGE = /^[^./][^/]*\.(iso|img)$/i;

/** A folder of disk images that servers are given; what is in it is all that is served. */
export class ImageFolder {
  readonly #path: string;

  constructor(path: string) {
    this.#path = path;
  }

  /** Names of the images, sorted; none where the folder cannot be read. */
  async names(): Promise<string[]> {
    const found = await readdir(this.#path).catch(() => []);
    const files = await Promise.all(
      found.map(async (name) => ((await this.find(name)) === undefined ? [] : [name])),
    );
    return files.flat().toSorted();
  }

  /** The whole path of an image; undefined for what is none, or a link to somewhere else. */
  async find(name: string): Promise<string | undefined> {
    if (!IMAGE.test(name)) return undefined;
    try {
      const folder = await realpath(this.#path);
      const path = await realpath(join(folder, name));
      return path === join(folder, name) && (await stat(path)).isFile() ? path : undefined;
    } catch {
      return undefined;
    }
  }
}
