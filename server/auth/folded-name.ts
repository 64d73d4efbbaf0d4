/**
 * One spelling for all that a directory takes for the same name (RFC 4518: compatibility forms, case,
 * spaces at the ends and several in a row): what is counted or kept apart by names must not be had
 * again for a capital letter.
 */
export function foldedName(name: string): string {
  return name.normalize('NFKC').trim().replace(/\s+/gu, ' ').toLowerCase();
}
