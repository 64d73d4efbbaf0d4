import { type FSWatcher, watch } from 'node:fs';
import { readFile, readdir, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { GatewayError } from '../../errors.ts';
import type { Logger } from '../../log.ts';
import { repeat } from '../../platform/repeat.ts';
import { type TokenTarget, parseTokenFile } from './token-file.ts';

/** A token file as it was read last. */
export interface ReadFile {
  readonly name: string;
  readonly targets: readonly TokenTarget[];
  /** When it was written. ms */
  readonly writtenAt: number;
  /** By which a later look tells whether it has changed. */
  readonly mark: string;
}

export interface TokenFolderOptions {
  /** Whose errors these are: the provider's id. */
  readonly name: string;
  /** A folder of token files, or one file. */
  readonly path: string;
  readonly log: Logger;
  /** Something is otherwise than it was. */
  readonly onChange: () => void;
}

/** Where nothing tells of changes, as on a network's file system, they are found by looking. ms */
const LOOK_MS = 10_000;
/** A panel that writes many files at once is heard out. ms */
const SETTLE_MS = 50;
export const FILE_BYTES = 1024 * 1024;
const AT_ONCE = 64;

/**
 * The token files of a panel, in memory: a file is read when it has changed, not when it is asked
 * about, so that thousands of them cost a look-up nothing.
 */
export class TokenFolder {
  readonly #options: TokenFolderOptions;
  readonly #stopLooking: () => Promise<void>;
  #files = new Map<string, ReadFile>();
  /** Where there is only one file. */
  #only: string | null = null;
  #fault: GatewayError | null = null;
  #watcher: FSWatcher | null = null;
  #changed = new Set<string>();
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void>;
  #next: Promise<void> | undefined;
  #stopped = false;

  constructor(options: TokenFolderOptions) {
    this.#options = options;
    this.#running = this.#scan();
    this.#stopLooking = repeat(LOOK_MS, () => this.look());
  }

  /** All files by their names. @throws GatewayError `provider_unavailable` where they cannot be read. */
  async files(): Promise<ReadonlyMap<string, ReadFile>> {
    await this.#running;
    if (this.#fault) await this.look();
    if (this.#changed.size > 0) await this.#readChanged();
    if (this.#fault) throw this.#fault;
    return this.#files;
  }

  /** Whether it is one file in the place of a folder. */
  async isFile(): Promise<boolean> {
    await this.#running;
    return this.#only !== null;
  }

  /** Reads one file again that may just have been written, before anything tells so. */
  async reread(name: string): Promise<void> {
    await this.#read(name, true);
    // One that is gone may be gone with its folder.
    if (!this.#files.has(name)) await this.look();
  }

  /** Looks for what has changed in all of the folder; who asks meanwhile shares the next look. */
  look(): Promise<void> {
    this.#next ??= this.#running.then(() => {
      this.#next = undefined;
      this.#running = this.#scan();
      return this.#running;
    });
    return this.#next;
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    this.#watcher?.close();
    await this.#stopLooking();
    await this.#running;
  }

  get #folder(): string {
    const { path } = this.#options;
    return this.#only === null ? path : dirname(path);
  }

  /** Never rejects: what is wrong is kept for whoever asks. */
  async #scan(): Promise<void> {
    const { path, name, log, onChange } = this.#options;
    try {
      const found = await stat(path);
      this.#only = found.isFile() ? basename(path) : null;
      this.#watch();
      const names = this.#only === null ? (await readdir(path)).filter(isTokenFile) : [this.#only];
      const present = new Set(names);
      const gone = [...this.#files.keys()].filter((file) => !present.has(file));
      for (const file of gone) this.#files.delete(file);
      for (let at = 0; at < names.length; at += AT_ONCE) {
        await Promise.all(names.slice(at, at + AT_ONCE).map((file) => this.#read(file, false)));
      }
      if (gone.length > 0) onChange();
      if (this.#fault) log.info({ path }, 'the token files can be read again');
      this.#fault = null;
    } catch (cause) {
      const { code = 'unknown' } = cause as NodeJS.ErrnoException;
      const message = `${name}: the token files of ${path} cannot be read (${code})`;
      if (this.#fault?.message !== message) log.warn({ err: cause }, message);
      this.#fault = new GatewayError('provider_unavailable', message, { cause });
      this.#watcher?.close();
      this.#watcher = null;
    }
  }

  /** A folder that is replaced by another is watched anew by the look that finds it. */
  #watch(): void {
    if (this.#watcher || this.#stopped) return;
    const watcher = watch(this.#folder, { persistent: false }, (_event, file) => {
      if (file === null || this.#stopped) return;
      if (file === basename(this.#folder)) return this.#forget(watcher);
      if (this.#only === null ? !isTokenFile(file) : file !== this.#only) return;
      this.#changed.add(file);
      this.#timer ??= setTimeout(() => void this.#readChanged(), SETTLE_MS);
    });
    watcher.on('error', () => this.#forget(watcher));
    this.#watcher = watcher;
  }

  #forget(watcher: FSWatcher): void {
    watcher.close();
    if (this.#watcher === watcher) this.#watcher = null;
    void this.look();
  }

  async #readChanged(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const names = [...this.#changed];
    this.#changed = new Set();
    await Promise.all(names.map((file) => this.#read(file, true)));
  }

  /** @param anew though neither its time nor its size says that it has changed. */
  async #read(file: string, anew: boolean): Promise<void> {
    const { log, onChange } = this.#options;
    const path = join(this.#folder, file);
    try {
      const found = await stat(path);
      const { mtimeMs, size, ino } = found;
      const known = this.#files.get(file);
      const mark = `${mtimeMs} ${size} ${ino}`;
      if (!found.isFile() || (!anew && known?.mark === mark)) return;
      if (size > FILE_BYTES) return log.warn({ file, size }, 'token file is too large to be one');
      const { targets, faulty } = parseTokenFile(await readFile(path, 'utf8'));
      if (faulty.length > 0 && known?.mark !== mark) {
        log.warn({ file, lines: faulty }, 'token file has lines that are not `token: host:port`');
      }
      this.#files.set(file, { name: file, targets, writtenAt: mtimeMs, mark });
      if (known?.mark !== mark) onChange();
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') {
        log.warn({ file, err: error }, 'token file cannot be read');
      }
      if (this.#files.delete(file)) onChange();
    }
  }
}

/** Not what editors and panels leave beside them. */
export function isTokenFile(name: string): boolean {
  return !/^\.|~$|\p{Cc}/u.test(name);
}
