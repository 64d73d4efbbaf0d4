import { Refusal } from './refusal.ts';

export interface BucketSize {
  /** Calls that may be made at once. */
  readonly limit: number;
  readonly perSecond: number;
}

/** A project's calls: so many at once, and so many more with each second. */
export class Bucket {
  readonly size: BucketSize;
  /** Calls that were over the limit. */
  refused = 0;
  #left: number;
  #at = Date.now();

  constructor(size: BucketSize) {
    this.size = size;
    this.#left = size.limit;
  }

  /** Somebody else of the same project has called so often. */
  drain(calls: number): void {
    this.#left = Math.max(0, this.#now() - calls);
  }

  /** @throws Refusal when it is empty. */
  take(): void {
    const left = this.#now();
    if (left < 1) {
      this.refused += 1;
      throw new Refusal(429, 'rate_limit_exceeded', 'limit of requests reached');
    }
    this.#left = left - 1;
  }

  get headers(): Record<string, string> {
    const { limit, perSecond } = this.size;
    const left = this.#now();
    const full = Math.ceil(Date.now() / 1000 + (limit - left) / perSecond);
    return {
      'ratelimit-limit': String(limit),
      'ratelimit-remaining': String(Math.floor(left)),
      'ratelimit-reset': String(full),
    };
  }

  #now(): number {
    const { limit, perSecond } = this.size;
    const at = Date.now();
    this.#left = Math.min(limit, this.#left + ((at - this.#at) / 1000) * perSecond);
    this.#at = at;
    return this.#left;
  }
}
