import { createHash } from 'node:crypto';
import { ID_PATTERN } from '../../providers/provider.ts';

const ID_LENGTH = 64;
const HASH_LENGTH = 8;
/** Letters that NFKD does not take apart, as people spell them without. */
const SPELLED: Readonly<Record<string, string>> = {
  ...{ ß: 'ss', æ: 'ae', Æ: 'AE', œ: 'oe', Œ: 'OE', ø: 'o', Ø: 'O' },
  ...{ ł: 'l', Ł: 'L', đ: 'd', Đ: 'D', þ: 'th', Þ: 'Th' },
};

/**
 * An id for each of these names, which are all different. A name that can be an id is its own id. Of
 * others an id has the letters that it can have; where letters of the name are lost, or where two names
 * come to the same id, it ends with a hash of the name. So an id follows from its name, not from the
 * order in which the names are written, and stays what it was when it is imported again.
 */
export function idsOf(
  names: readonly string[],
  taken: ReadonlySet<string> = new Set(),
): ReadonlyMap<string, string> {
  const ids = new Map<string, string>();
  const used = new Set(taken);
  for (const name of names.filter((one) => ID_PATTERN.test(one) && !taken.has(one))) {
    ids.set(name, name);
    used.add(name);
  }
  const plain = new Map<string, string[]>();
  for (const name of names.filter((one) => !ids.has(one))) {
    const { id, whole } = plainId(name);
    const key = whole ? id : '';
    plain.set(key, [...(plain.get(key) ?? []), name]);
  }
  for (const [id, sharing] of plain) {
    const [only, another] = sharing;
    if (only !== undefined && another === undefined && id !== '' && !used.has(id)) {
      ids.set(only, id);
      used.add(id);
      continue;
    }
    for (const name of sharing) {
      const hashed = hashedId(name, used);
      ids.set(name, hashed);
      used.add(hashed);
    }
  }
  return ids;
}

/** `whole`: nothing but spaces and punctuation is gone from it. */
function plainId(name: string): { id: string; whole: boolean } {
  const spelled = name
    .replace(/\P{ASCII}/gu, (letter) => SPELLED[letter] ?? letter)
    .normalize('NFKD')
    .replace(/\p{M}/gu, '');
  const id = spelled.replace(/[^A-Za-z0-9._-]+/g, '-').replace(/^[._-]+|[._-]+$/g, '');
  const lost = /[^\p{ASCII}\p{P}\p{Z}]/u.test(spelled);
  return { id, whole: !lost && id.length <= ID_LENGTH && ID_PATTERN.test(id) };
}

function hashedId(name: string, used: ReadonlySet<string>): string {
  const hash = createHash('sha256').update(name).digest('hex');
  const start = plainId(name).id.slice(0, ID_LENGTH - HASH_LENGTH - 1) || 'machine';
  for (let length = HASH_LENGTH; ; length += 1) {
    const id = `${start}-${hash.slice(0, length)}`.slice(-ID_LENGTH);
    if (!used.has(id)) return id;
  }
}
