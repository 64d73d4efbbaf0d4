import { createHash, randomBytes } from 'node:crypto';
import type { Role } from '../../../server/contract/index.ts';
import { logBook } from '../../support/log-book.ts';

/** A token of the configuration for a test, and the line that makes it known. */
export function configToken(name: string, role: Role, scope: object = {}) {
  const token = logBook.secret(randomBytes(18).toString('base64url'));
  const tokenHash = createHash('sha256').update(token).digest('hex');
  return { token, line: { name, role, tokenHash, ...scope } };
}
