import { type KeyObject, createSecretKey } from 'node:crypto';
import type { Key } from './key-ring.ts';

/** A key as jsonwebtoken takes it at once: of bytes it first tries at each call whether they are PEM. */
export interface SigningKey {
  readonly id: string;
  readonly secret: KeyObject;
}

export function signingKey({ id, secret }: Key): SigningKey {
  return { id, secret: createSecretKey(secret) };
}
