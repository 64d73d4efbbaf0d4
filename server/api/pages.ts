/** One page of a list, and the cursor of the next. */
export interface Page<T> {
  readonly items: readonly T[];
  readonly next: string | null;
}

/** The key behind which the page of this cursor begins. */
export function afterOf(cursor: string | undefined): string | undefined {
  return cursor === undefined ? undefined : Buffer.from(cursor, 'base64url').toString('utf8');
}

/**
 * The page after the element that `cursor` names, in the order of `key`. A cursor is opaque to
 * clients and outlives the element that it names.
 *
 * @param items ordered by `key`, ascending; no more of them are looked at than are needed.
 */
export function pageOf<T>(
  items: Iterable<T>,
  key: (item: T) => string,
  { limit, cursor }: { limit: number; cursor?: string | undefined },
): Page<T> {
  const after = afterOf(cursor) ?? '';
  const page: T[] = [];
  for (const item of items) {
    if (after !== '' && key(item) <= after) continue;
    const last = page.at(-1);
    if (page.length === limit && last !== undefined) {
      return { items: page, next: Buffer.from(key(last), 'utf8').toString('base64url') };
    }
    page.push(item);
  }
  return { items: page, next: null };
}
