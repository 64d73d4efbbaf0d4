const HOSTS = 100_000;
const LETTERS = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ';

export interface HostPattern {
  readonly hosts: readonly string[];
  readonly port: number | undefined;
}

/**
 * The hosts of an inventory's pattern: `web[01:20].example.com:2222`, `db-[a:f]`, `n[0:8:2]`,
 * `[2001:db8::1]:22`, as Ansible's expand_hostname_range and parse_address understand them.
 *
 * @throws Error in words for whoever wrote it.
 */
export function hostsOf(pattern: string): HostPattern {
  const bracketed = /^\[([^[\]]+:[^[\]]*:[^[\]]+)\]:(\d+)$/.exec(pattern);
  const [, address = pattern, port] =
    bracketed ?? /^((?:[^:[\]]|\[[^\]]*\])*):(\d+)$/.exec(pattern) ?? [];
  if (address.endsWith(':')) throw new Error('a host ends with a colon, without a port');
  return {
    hosts: address.includes('[') ? expand(address) : [address],
    port: port === undefined ? undefined : Number(port),
  };
}

function expand(pattern: string): string[] {
  const found = /^([^[]*)\[([^\]]*)\](.*)$/.exec(pattern);
  if (!found) throw new Error('a range has no end: expected [from:to]');
  const [, head = '', range = '', tail = ''] = found;
  const ends = tail.includes('[') ? expand(tail) : [tail];
  const steps = stepsOf(range);
  if (steps.length * ends.length > HOSTS) throw new Error(`a range has more than ${HOSTS} hosts`);
  return steps.flatMap((step) => ends.map((end) => `${head}${step}${end}`));
}

function stepsOf(range: string): readonly string[] {
  const [written = '', to = '', by = '1', more] = range.split(':');
  const from = written || '0';
  const step = Number(by);
  if (more !== undefined || to === '' || !/^\d+$/.test(by) || step === 0) {
    throw new Error('expected a range of hosts as [from:to] or [from:to:step]');
  }
  const letters = [LETTERS.indexOf(from), LETTERS.indexOf(to)] as const;
  const areLetters = from.length === 1 && to.length === 1 && letters[0] >= 0 && letters[1] >= 0;
  if (!areLetters && !(/^\d+$/.test(from) && /^\d+$/.test(to))) {
    throw new Error('expected a range from number to number, or from letter to letter');
  }
  const padded = from.startsWith('0') && from.length > 1;
  if (padded && from.length !== to.length) {
    throw new Error('both ends of a range that begins with 0 are written equally long');
  }
  const [first, last] = areLetters ? letters : [Number(from), Number(to)];
  if (areLetters && first > last) throw new Error('a range begins behind its end');
  const count = Math.max(0, Math.floor((last - first) / step) + 1);
  if (count > HOSTS) throw new Error(`a range has more than ${HOSTS} hosts`);
  return Array.from({ length: count }, (_, at) => {
    const value = first + at * step;
    if (areLetters) return LETTERS.charAt(value);
    return padded ? String(value).padStart(from.length, '0') : String(value);
  });
}
