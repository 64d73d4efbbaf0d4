/** One page of a list, and the cursor of the next. */
export interface Page<T> {
  readonly items: readonly T[];
  readonly next: string | null;
}

/**
 * The page after the element that `cursor` names, in the order of `key`. A cursor is opaque to
 * clients and outlives the element that it names.
 *
 * @param items ordered by `key`, ascending.
 */
export function pageOf<T>(
  items: readonly T[],
  key: (item: T) => string,
  { limit, cursor }: { limit: number; cursor?: string | undefined },
): Page<T> {
  const after = cursor === undefined ? '' : Buffer.from(cursor, 'base64url').toString('utf8');
  const rest = after === '' ? items : items.filter((item) => key(item) > after);
  const page = rest.slice(0, limit);
  const last = page.at(-1);
  const more = rest.length > page.length && last !== undefined;
  return { items: page, next: more ? Buffer.from(key(last), 'utf8').toString('base64url') : null };
}
