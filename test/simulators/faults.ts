import type { ServerResponse } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';

/** What any remote can do in the place of answering as it should. */
export type CommonFault = 'hang' | 'slow' | 'half' | 'html' | 'server_error' | 'too_many';

export type Spoil = (response: ServerResponse) => void;

export interface FaultsOptions<Own extends string> {
  /** Media type of right answers, and how one may begin. */
  readonly type: string;
  readonly begins: string;
  /** Faults of this remote alone, and common ones that it has in its own shape. */
  readonly own: Readonly<Record<Own, Spoil> & Partial<Record<CommonFault, Spoil>>>;
}

/** More than any answer has that is cut off. Bytes. */
const PROMISED = 100_000;

/** Faults that a test has asked for; each spoils one answer, in their order. */
export class Faults<Own extends string> {
  /** By how much a `slow` answer, which is right otherwise, comes late. ms */
  slowness = 400;
  readonly #queue: (CommonFault | Own)[] = [];
  readonly #spoils: Readonly<Record<string, Spoil>>;

  constructor({ type, begins, own }: FaultsOptions<Own>) {
    this.#spoils = { ...common(type, begins), ...own };
  }

  /** So many of the next answers go wrong. */
  fail(fault: CommonFault | Own, times = 1): void {
    for (let left = times; left > 0; left -= 1) this.#queue.push(fault);
  }

  /** Ends what faults are left. */
  mend(): void {
    this.#queue.length = 0;
  }

  /** Gives the wrong answer. False where the right one is wanted, now or after a while. */
  async spoil(response: ServerResponse): Promise<boolean> {
    const fault = this.#queue.shift();
    if (fault === undefined) return false;
    if (fault === 'slow') {
      await wait(this.slowness);
      return false;
    }
    this.#spoils[fault]?.(response);
    return true;
  }
}

function common(type: string, begins: string): Record<Exclude<CommonFault, 'slow'>, Spoil> {
  const page = (title: string) => `<!DOCTYPE html><html><title>${title}</title><body>${title}`;
  const html = { 'content-type': 'text/html' };
  return {
    hang: () => undefined,
    half: (response) => {
      response.writeHead(200, { 'content-type': type, 'content-length': PROMISED });
      response.write(begins, () => response.destroy());
    },
    html: (response) => void response.writeHead(200, html).end(page('Please log in')),
    server_error: (response) => void response.writeHead(500, html).end(page('Internal Error')),
    too_many: (response) => void response.writeHead(429, { 'retry-after': '1' }).end(),
  };
}
