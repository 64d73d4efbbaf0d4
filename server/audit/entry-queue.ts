import type { Logger } from '../log.ts';
import type { NumberedEntry } from './audit-stream.ts';
import type { DatedEntry } from './dated-entry.ts';

export interface EntryQueueParts {
  /** Resolves to each entry's id, an empty one where it had been appended before. */
  readonly append: (batch: readonly NumberedEntry[]) => Promise<string[]>;
  /** Called once for each entry: with its id, or with null as soon as it has to wait. */
  readonly tell: (entry: DatedEntry, id: string | null) => void;
  readonly log: Logger;
  /** Entries that may wait; more are dropped, and counted. */
  readonly most?: number;
}

const MOST = 10_000;
const BATCH = 100;
const RETRY_MS = 500;

/** Entries on their way to Redis, in order. While Redis is away they wait. */
export class EntryQueue {
  readonly #parts: EntryQueueParts;
  readonly #most: number;
  readonly #waiting: (NumberedEntry & { told: boolean })[] = [];
  #number = 0;
  #dropped = 0;
  #failing = false;
  #running: Promise<void> | undefined;
  #stopAt = Infinity;

  constructor(parts: EntryQueueParts) {
    this.#parts = parts;
    this.#most = parts.most ?? MOST;
  }

  push(entry: DatedEntry): void {
    if (this.#waiting.length >= this.#most) {
      this.#parts.tell(entry, null);
      this.#dropped += 1;
      return;
    }
    this.#number += 1;
    const waiting = { number: this.#number, entry, told: false };
    this.#waiting.push(waiting);
    if (this.#failing) this.#tell(waiting, null);
    this.#running ??= this.#run();
  }

  /** Writes what waits, for so many milliseconds at most. */
  async stop(limitMs: number): Promise<void> {
    this.#stopAt = Date.now() + limitMs;
    await this.#running;
    const lost = this.#waiting.length + this.#dropped;
    if (lost > 0) this.#parts.log.error({ lost }, 'audit entries did not reach redis');
  }

  async #run(): Promise<void> {
    try {
      await this.#drain();
    } finally {
      // At once, not a turn later: what is pushed in between would wait for the next push.
      this.#running = undefined;
    }
  }

  async #drain(): Promise<void> {
    while (this.#waiting.length > 0) {
      const batch = this.#waiting.slice(0, BATCH);
      try {
        const ids = await this.#parts.append(batch);
        this.#waiting.splice(0, batch.length);
        batch.forEach((one, index) => this.#tell(one, ids[index] || null));
        this.#recovered();
      } catch (error) {
        this.#fail(error);
        if (Date.now() + RETRY_MS > this.#stopAt) return;
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
      }
    }
  }

  #fail(error: unknown): void {
    for (const one of this.#waiting) this.#tell(one, null);
    if (!this.#failing) this.#parts.log.warn({ err: error }, 'audit entries wait for redis');
    this.#failing = true;
  }

  #recovered(): void {
    if (!this.#failing || this.#waiting.length > 0) return;
    this.#failing = false;
    const dropped = this.#dropped;
    this.#dropped = 0;
    if (dropped === 0) this.#parts.log.info('audit entries have reached redis');
    else this.#parts.log.error({ dropped }, 'too many audit entries had to wait: some are lost');
  }

  #tell(one: { entry: DatedEntry; told: boolean }, id: string | null): void {
    if (!one.told) this.#parts.tell(one.entry, id);
    one.told = true;
  }
}
