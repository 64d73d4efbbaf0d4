import { isIPv6 } from 'node:net';

/** Who presents the token is led to this address. */
export interface TokenTarget {
  readonly token: string;
  readonly host: string;
  readonly port: number;
}

export interface TokenFile {
  /** In the order of the lines: what was appended last is the newest. */
  readonly targets: readonly TokenTarget[];
  /** Numbers of the lines that lead nowhere, from 1. Their text may hold a token. */
  readonly faulty: readonly number[];
}

/**
 * Reads a token file of websockify (its plugin TokenFile): a line `token: host:port`, parted at the
 * first colon that white space follows and at the last colon; `#` begins a comment line. An IPv6
 * address stands with or without brackets.
 */
export function parseTokenFile(text: string): TokenFile {
  const targets: TokenTarget[] = [];
  const faulty: number[] = [];
  for (const [index, raw] of text
    .replace(/^\uFEFF/, '')
    .split(/\r?\n/)
    .entries()) {
    const line = raw.trim();
    if (line === '' || line.startsWith('#')) continue;
    const target = targetOf(line);
    if (target) targets.push(target);
    else faulty.push(index + 1);
  }
  return { targets, faulty };
}

function targetOf(line: string): TokenTarget | undefined {
  const [, token, address] = /^(\S+?):\s+(\S+)$/.exec(line) ?? [];
  if (token === undefined || address === undefined) return undefined;
  const colon = address.lastIndexOf(':');
  const port = address.slice(colon + 1);
  const host = address.slice(0, Math.max(colon, 0)).replace(/^\[(.*)\]$/, '$1');
  if (!/^\d{1,5}$/.test(port) || Number(port) < 1 || Number(port) > 65_535) return undefined;
  if (!isIPv6(host) && !/^[\p{L}\p{N}_][\p{L}\p{N}._-]*$/u.test(host)) return undefined;
  return { token, host, port: Number(port) };
}
