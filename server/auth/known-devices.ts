import { randomBytes } from 'node:crypto';
import jwt from 'jsonwebtoken';
import { foldedName } from './folded-name.ts';
import type { Key } from './key-ring.ts';
import { type SigningKey, signingKey } from './signing-key.ts';

const ALGORITHM = 'HS256';
const AUDIENCE = 'rackside:device';

/** Seconds: half a year. */
export const DEVICE_TTL = 15_552_000;

/**
 * The mark of a browser in which a user has signed in before. It opens nothing: whoever guesses at
 * the account from elsewhere cannot make the gateway refuse this browser. Why: docs/sign-in.md.
 */
export class KnownDevices {
  readonly #keys: readonly SigningKey[];

  constructor(keys: readonly Key[]) {
    this.#keys = keys.map(signingKey);
  }

  issue(user: string): string {
    const [key] = this.#keys;
    if (!key) throw new Error('the key ring is empty');
    const claims = { sub: user, aud: AUDIENCE, jti: randomBytes(12).toString('base64url') };
    return jwt.sign(claims, key.secret, {
      algorithm: ALGORITHM,
      keyid: key.id,
      expiresIn: DEVICE_TTL,
    });
  }

  /** The device's id where the mark is genuine and this user's, however the name is written. */
  idOf(mark: string, user: string): string | undefined {
    const kid = jwt.decode(mark, { complete: true })?.header.kid;
    const key = this.#keys.find(({ id }) => id === kid);
    if (!key) return undefined;
    try {
      const claims = jwt.verify(mark, key.secret, {
        algorithms: [ALGORITHM],
        audience: AUDIENCE,
      });
      if (typeof claims === 'string' || claims.sub === undefined) return undefined;
      return foldedName(claims.sub) === foldedName(user) ? claims.jti : undefined;
    } catch {
      return undefined;
    }
  }
}
