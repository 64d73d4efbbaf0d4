import type { Actor } from '../audit/actor.ts';
import type { AuditJournal, AuditNote } from '../audit/audit.ts';
import { entriesOfChange } from './console-audit.ts';
import type { EffectsOf, Written } from './console-store.ts';
import { type ConsoleChange, type ConsoleRecord, change } from './console.ts';

/**
 * A change of a record together with its entries in the audit trail. Both are made anew for each
 * attempt to write them, and written by one script: the order of entries is that of changes.
 */
export class NotedChange {
  readonly #audit: AuditJournal;
  readonly #by: Actor;
  readonly #decide: (record: ConsoleRecord) => ConsoleChange;
  #event: ConsoleChange | undefined;
  #notes: readonly AuditNote[] = [];

  constructor(audit: AuditJournal, by: Actor, decide: (record: ConsoleRecord) => ConsoleChange) {
    this.#audit = audit;
    this.#by = by;
    this.#decide = decide;
  }

  readonly apply = (record: ConsoleRecord): ConsoleRecord => {
    this.#event = this.#decide(record);
    return change(record, this.#event);
  };

  readonly effectsOf: EffectsOf = ({ before, after }) => {
    const entries = this.#event ? entriesOfChange(before, after, this.#event, this.#by) : [];
    this.#notes = entries.map((entry) => this.#audit.note(entry));
    return this.#notes.map(({ effect }) => effect);
  };

  /** To be called once it is written; the notes' replies are the first. */
  written({ before, after, replies }: Written): void {
    if (after !== before) this.#notes.forEach((note, index) => note.kept(replies[index]));
  }
}
