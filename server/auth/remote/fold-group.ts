/**
 * A directory's group, so that two spellings of one are the same text: DNs and names in LDAP are
 * compared without regard to case, and a DN may have spaces after its separators (RFC 4514).
 */
export function foldGroup(group: string): string {
  return group
    .trim()
    .toLowerCase()
    .replaceAll(/(?<!\\)([,+=])\s+/g, '$1');
}
