import type { AuditEntry } from '../contract/index.ts';
import type { Logger } from '../log.ts';
import type { AuditStream } from './audit-stream.ts';
import type { AuditJournal, AuditNote } from './audit.ts';
import { type DatedEntry, dated } from './dated-entry.ts';
import { EntryQueue } from './entry-queue.ts';
import { RefusalLimit, type RefusalLimitOptions } from './refusal-limit.ts';

export interface AuditTrailParts {
  readonly stream: AuditStream;
  /** Take one JSON line for each entry that was made by this process. */
  readonly writers: readonly { write(line: string): void }[];
  /** How many refusals are kept in a window of so many milliseconds. */
  readonly refusals: RefusalLimitOptions & { readonly windowMs: number };
  readonly log: Logger;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** The audit trail: in Redis for all replicas, and as lines where this one is told to write them. */
export class AuditTrail implements AuditJournal {
  readonly #parts: AuditTrailParts;
  readonly #queue: EntryQueue;
  readonly #refusals: RefusalLimit;
  #window: NodeJS.Timeout | undefined;

  constructor(parts: AuditTrailParts) {
    this.#parts = parts;
    this.#refusals = new RefusalLimit(parts.refusals);
    this.#queue = new EntryQueue({
      append: (batch) => parts.stream.append(batch),
      tell: (entry, id) => this.#line(entry, id),
      log: parts.log,
    });
  }

  write(entry: AuditEntry): void {
    if (entry.result !== 'ok') {
      this.#window ??= setTimeout(() => this.#endWindow(), this.#parts.refusals.windowMs).unref();
    }
    if (this.#refusals.takes(entry)) this.#push(entry);
  }

  note(entry: AuditEntry): AuditNote {
    const noted = dated(entry, this.#parts.now());
    return {
      effect: this.#parts.stream.effect(noted),
      kept: (reply) => this.#line(noted, String(reply)),
    };
  }

  /** Waits until all is in Redis, for so many milliseconds at most. */
  stop(limitMs: number): Promise<void> {
    this.#endWindow();
    return this.#queue.stop(limitMs);
  }

  #endWindow(): void {
    clearTimeout(this.#window);
    this.#window = undefined;
    for (const summary of this.#refusals.end()) this.#push(summary);
  }

  #push(entry: AuditEntry): void {
    this.#queue.push(dated(entry, this.#parts.now()));
  }

  /** `id` is null for an entry that has to wait for Redis. */
  #line(entry: DatedEntry, id: string | null): void {
    const line = JSON.stringify({ id, ...entry });
    for (const writer of this.#parts.writers) writer.write(line);
  }
}
