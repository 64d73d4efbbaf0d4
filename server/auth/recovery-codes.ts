import { createHmac, randomInt } from 'node:crypto';
import type { Key } from './key-ring.ts';

/** Crockford's base32 without what is easily taken for something else. */
const ALPHABET = '23456789abcdefghjkmnpqrstvwxyz';
const LENGTH = 10;
const COUNT = 10;

/** Fresh codes, as a person writes them down: `k7m2p-x9d4t`, 49 bits each. */
export function newRecoveryCodes(): string[] {
  return Array.from({ length: COUNT }, () => {
    const code = Array.from({ length: LENGTH }, () => ALPHABET[randomInt(ALPHABET.length)]).join(
      '',
    );
    return `${code.slice(0, LENGTH / 2)}-${code.slice(LENGTH / 2)}`;
  });
}

/**
 * What is kept of a code, by each of the gateway's keys, the first first. Keyed, so that nobody who
 * reads Redis can try codes on it.
 */
export function recoveryHashes(keys: readonly Key[], user: string, code: string): string[] {
  const plain = code.toLowerCase().replaceAll(/[\s-]/g, '');
  return keys.map(({ secret }) =>
    createHmac('sha256', secret).update(`${user}\n${plain}`).digest('base64url'),
  );
}
