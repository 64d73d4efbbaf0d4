import { GatewayError } from '../errors.ts';
import { MOST_MACHINES, TOO_MANY_MACHINES } from './machine-list.ts';
import { RemoteFault } from './remote-fault.ts';
import type { ByteBudget } from './remote-http.ts';

/** So many machines in the smallest pages that we ask for. */
const MOST_PAGES = 2000;
/** What the pages of one list have together. Bytes */
const MOST_BYTES = 256 * 1024 * 1024;

export interface Page<T> {
  readonly entries: readonly T[];
  /** How many the remote gave, with those that say nothing of use. */
  readonly count: number;
  /** The page after it, `null` where this is the last. */
  readonly next: number | null;
}

export interface PagedList<T> {
  /** Whose errors these are: the provider's id. */
  readonly name: string;
  readonly first: number;
  readonly idOf: (entry: T) => string | number;
  readonly read: (page: number, budget: ByteBudget) => Promise<Page<T>>;
}

/**
 * A remote's list, page by page, each entry once. A page that brings nothing new is the end, as of a
 * remote that does not page.
 *
 * @throws GatewayError `provider_unavailable` for a list that is too long or has no end, and what
 * `read` throws.
 */
export async function everyPage<T>({ name, first, idOf, read }: PagedList<T>): Promise<T[]> {
  const found = new Map<string | number, T>();
  const budget: ByteBudget = { left: MOST_BYTES };
  let page = first;
  let given = 0;
  for (let pages = 0; pages < MOST_PAGES; pages += 1) {
    const { entries, count, next } = await read(page, budget);
    given += count;
    if (given > MOST_MACHINES) throw notOurs(`${name} answers with ${TOO_MANY_MACHINES}`);
    const before = found.size;
    for (const entry of entries) found.set(idOf(entry), entry);
    const bringsMore = found.size > before || count > entries.length;
    if (next === null || (next > page && !bringsMore)) return [...found.values()];
    if (next <= page) break;
    page = next;
  }
  throw notOurs(`${name} answers with a list of machines that has no end`);
}

function notOurs(message: string): GatewayError {
  return new GatewayError('provider_unavailable', message, { cause: new RemoteFault('FOREIGN') });
}
