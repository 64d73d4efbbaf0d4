import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

/** The one-time secret in the fragment of a console's URL. */
export function newLaunchKey(): string {
  return randomBytes(32).toString('base64url');
}

/** What a record keeps of it: sha256, hex. */
export function hashOfKey(launchKey: string): string {
  return createHash('sha256').update(launchKey).digest('hex');
}

/** In constant time. */
export function isKeyOf(hash: string, launchKey: string): boolean {
  const presented = hashOfKey(launchKey);
  return (
    hash.length === presented.length && timingSafeEqual(Buffer.from(hash), Buffer.from(presented))
  );
}
