import { type Counts, addUp, totalsOf } from '../../metrics/all-processes.ts';

/** A worker that answers later is busy; it is known then as it was. ms */
const ANSWER_MS = 1000;

/** What one worker has counted, in all of the processes that it has been. */
export class WorkerCounts {
  #last: Counts = [];
  #ended: Promise<Counts> = Promise.resolve([]);
  readonly #waiting = new Set<() => void>();

  /**
   * What it has counted by now, or by the last time that it answered soon enough.
   *
   * @param ask has the process answer with `heard`; false when there is none.
   */
  async read(ask: () => boolean): Promise<readonly Counts[]> {
    if (ask()) await this.#answer();
    // Both of one moment: a process that ends takes its totals from the one to the other.
    const last = this.#last;
    return [await this.#ended, last];
  }

  heard(counts: Counts): void {
    this.#last = counts;
    this.#wake();
  }

  /** The process has ended, and nothing more comes of it. */
  lost(): void {
    const totals = totalsOf(this.#last);
    this.#last = [];
    this.#ended = this.#ended.then((before) => addUp([before, totals]));
    this.#wake();
  }

  #answer(): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        this.#waiting.delete(done);
        resolve();
      };
      const timer = setTimeout(done, ANSWER_MS);
      this.#waiting.add(done);
    });
  }

  #wake(): void {
    for (const done of this.#waiting) done();
  }
}
