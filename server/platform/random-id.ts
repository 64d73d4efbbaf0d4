import { randomBytes } from 'node:crypto';

/**
 * A name for something new: so many random bytes in base64url. It never begins with a hyphen, with
 * which a command line would take it for an option.
 */
export function randomId(bytes: number): string {
  for (;;) {
    const id = randomBytes(bytes).toString('base64url');
    if (!id.startsWith('-')) return id;
  }
}
