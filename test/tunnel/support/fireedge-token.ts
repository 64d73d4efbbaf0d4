import { createCipheriv, randomBytes } from 'node:crypto';
import { logBook } from '../../support/log-book.ts';

/** A token as FireEdge makes it (generateGuacamoleSession): for whatever content, with any IV. */
export function fireEdgeToken(content: unknown, key: string, iv = randomBytes(16)): string {
  const cipher = createCipheriv('AES-256-CBC', key, iv);
  const text = typeof content === 'string' ? content : JSON.stringify(content);
  const value = cipher.update(text, 'utf-8', 'base64') + cipher.final('base64');
  const token = Buffer.from(JSON.stringify({ iv: iv.toString('base64'), value }));
  return logBook.secret(token.toString('base64'));
}

/** What FireEdge puts into it, whatever the type. */
export const FIREEDGE_SETTINGS = {
  security: 'any',
  'ignore-cert': 'true',
  'enable-drive': 'true',
  'create-drive-path': 'true',
};
