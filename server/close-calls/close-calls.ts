import type { KeyObject } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from '../log.ts';
import { within } from '../platform/within.ts';
import type { CloseCallQueue, TakenCall } from './close-call-queue.ts';
import type { CloseUrls } from './close-urls.ts';
import { post } from './post.ts';
import { retryDelay } from './retry-delay.ts';
import { signedHeaders } from './signature.ts';

export interface CloseCallsParts {
  readonly queue: CloseCallQueue;
  readonly urls: CloseUrls;
  /** Signs; the receivers have it too. */
  readonly key: KeyObject;
  /** Seconds for one try; seconds before the second try; how many tries there are. */
  readonly timeout: number;
  readonly backoff: number;
  readonly tries: number;
  readonly log: Logger;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** Calls that one replica makes at a time: a receiver that hangs does not hold up the others. */
const PARALLEL = 8;
/** For Redis to take the outcome, on top of a try's own time. */
const LEASE_MARGIN_MS = 5000;
/** A call under way may end by itself when the gateway stops. */
const STOP_MS = 2000;

/**
 * Makes the calls of the queue. Each is made once, and again only until it was answered with 2xx:
 * a replica that dies during a call leaves it to the others when its lease is over.
 */
export class CloseCalls {
  readonly #parts: CloseCallsParts;
  readonly #running = new Set<Promise<void>>();
  readonly #stopping = new AbortController();

  constructor(parts: CloseCallsParts) {
    this.#parts = parts;
  }

  /** Begins what is due. To be run often, on every replica. */
  async poll(): Promise<void> {
    const { queue, timeout } = this.#parts;
    while (this.#running.size < PARALLEL && !this.#stopping.signal.aborted) {
      const call = await queue.take(timeout * 1000 + LEASE_MARGIN_MS);
      if (!call) return;
      const running = this.#make(call).catch((error: unknown) => {
        // The lease brings it back.
        this.#parts.log.warn({ closeCall: call.id, err: error }, 'close call is tried again');
      });
      this.#running.add(running);
      void running.then(() => this.#running.delete(running));
    }
  }

  /** Calls that do not end soon are left to the other replicas. */
  async stop(): Promise<void> {
    const ended = Promise.all(this.#running);
    await Promise.race([ended, delay(STOP_MS, undefined, { ref: false })]);
    this.#stopping.abort();
    await ended;
  }

  async #make(call: TakenCall): Promise<void> {
    const { queue, log, tries, backoff } = this.#parts;
    // Its path and its query may hold what only the receiver is to know.
    const about = { closeCall: call.id, to: new URL(call.url).origin, try: call.tries };
    const fault = await this.#tell(call);
    if (fault === undefined) {
      await queue.remove(call.id);
      log.info(about, 'close URL called');
    } else if (this.#stopping.signal.aborted) {
      await queue.putBack(call.id, 0);
    } else if (call.tries >= tries) {
      await queue.remove(call.id);
      log.error({ ...about, fault }, 'close URL given up');
    } else {
      const wait = retryDelay(call.tries, backoff * 1000, Math.random());
      await queue.putBack(call.id, wait);
      log.warn({ ...about, fault, wait }, 'close URL cannot be called, trying again');
    }
  }

  /** @returns what went wrong; undefined when the receiver has it. */
  async #tell(call: TakenCall): Promise<string | undefined> {
    const { urls, key, timeout, now } = this.#parts;
    try {
      const url = new URL(call.url);
      const status = await post(url, {
        headers: signedHeaders(call, key, now()),
        body: call.body,
        lookup: urls.lookupOf(url),
        signal: within(timeout * 1000, this.#stopping.signal),
      });
      return status >= 200 && status < 300 ? undefined : `it answered ${status}`;
    } catch (error) {
      const { name, message, code } = error as NodeJS.ErrnoException;
      return name === 'AbortError' ? `no answer in ${timeout} s` : message || (code ?? name);
    }
  }
}
