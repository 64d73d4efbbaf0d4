import { constants } from 'node:fs';
import { type FileHandle, open, stat } from 'node:fs/promises';
import type { LineTarget } from './line-writer.ts';

const FLAGS = constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT;
const MODE = 0o600;

/** A file that is appended to, and opened anew when its path names another file or none. */
export class RotatedFile implements LineTarget {
  readonly #path: string;
  #file: FileHandle | undefined;

  constructor(path: string) {
    this.#path = path;
  }

  async prepare(): Promise<boolean> {
    if (this.#file) {
      const [named, ours] = await Promise.all([
        stat(this.#path).catch(() => undefined),
        this.#file.stat(),
      ]);
      if (named?.ino === ours.ino && named.dev === ours.dev) return false;
      await this.close();
    }
    this.#file = await open(this.#path, FLAGS, MODE);
    return true;
  }

  async write(bytes: Uint8Array): Promise<number> {
    if (!this.#file) throw new Error('the file is not open');
    return (await this.#file.write(bytes)).bytesWritten;
  }

  async close(): Promise<void> {
    const file = this.#file;
    this.#file = undefined;
    await file?.close();
  }
}
