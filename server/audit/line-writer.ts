import type { Logger } from '../log.ts';

/** Where lines go to. Every method may fail, and is then called again some time later. */
export interface LineTarget {
  /** Makes sure that what is written next reaches the right file. True when that is another one. */
  prepare(): Promise<boolean>;
  /** @returns how many of the bytes were taken. */
  write(bytes: Uint8Array): Promise<number>;
  close(): Promise<void>;
}

/** Lines that may wait for a disk that is full or does not answer; more are dropped, and counted. */
const MOST = 10_000;
const BATCH = 100;
const RETRY_MS = 1000;

/** Writes lines one after the other, whole. What goes wrong is logged once, and tried again. */
export class LineWriter {
  readonly #target: LineTarget;
  readonly #log: Logger;
  readonly #lines: string[] = [];
  /** Set where only the beginning of a line reached the target. */
  #torn = false;
  #failing = false;
  #dropped = 0;
  #running: Promise<void> | undefined;
  #stopAt = Infinity;

  constructor(target: LineTarget, log: Logger) {
    this.#target = target;
    this.#log = log;
  }

  /** Soon. Nobody waits for it. */
  write(line: string): void {
    if (this.#lines.length < MOST) this.#lines.push(`${line}\n`);
    else this.#dropped += 1;
    this.flush();
  }

  /** Prepares the target now, also where there is nothing to be written. */
  flush(): void {
    this.#running ??= this.#run();
  }

  /** Writes what waits, for so many milliseconds at most, and closes the target. */
  async stop(limitMs: number): Promise<void> {
    this.#stopAt = Date.now() + limitMs;
    let timer: NodeJS.Timeout | undefined;
    const limit = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, limitMs);
    });
    await Promise.race([this.#running, limit]);
    clearTimeout(timer);
    const lost = this.#lines.length + this.#dropped;
    if (lost > 0) this.#log.error({ lost }, 'audit lines were not written');
    else await this.#target.close();
  }

  async #run(): Promise<void> {
    try {
      await this.#drain();
    } finally {
      // At once, not a turn later: what is written in between would wait for the next line.
      this.#running = undefined;
    }
  }

  async #drain(): Promise<void> {
    do {
      try {
        if (await this.#target.prepare()) this.#torn = false;
        for (const line of this.#lines.slice(0, BATCH)) {
          await this.#append(line);
          this.#lines.shift();
        }
        this.#recovered();
      } catch (error) {
        if (!this.#failing) this.#log.error({ err: error }, 'audit lines cannot be written');
        this.#failing = true;
        if (Date.now() + RETRY_MS > this.#stopAt) return;
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
      }
    } while (this.#lines.length > 0);
  }

  /** A line that was cut off by a full disk is ended before it is written again. */
  async #append(line: string): Promise<void> {
    let bytes = Buffer.from(this.#torn ? `\n${line}` : line);
    while (bytes.length > 0) {
      const written = await this.#target.write(bytes);
      bytes = bytes.subarray(written);
      if (written > 0) this.#torn = bytes.length > 0;
    }
  }

  #recovered(): void {
    if (!this.#failing) return;
    this.#log.info({ dropped: this.#dropped }, 'audit lines are written again');
    this.#failing = false;
    this.#dropped = 0;
  }
}
