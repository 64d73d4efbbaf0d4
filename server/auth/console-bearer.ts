import jwt from 'jsonwebtoken';
import type { Key } from './key-ring.ts';
import { type SigningKey, signingKey } from './signing-key.ts';

const ALGORITHM = 'HS256';
const AUDIENCE = 'rackside:console';

/** Whose bearer it is: the holder's of this console, or a viewer's. */
export interface ConsolePass {
  readonly console: string;
  /** Id of the viewer; null for the holder. */
  readonly viewer: string | null;
}

/**
 * The bearer that a page gets for a redeemed launch key or share and keeps in memory: it does for one console
 * what the cookie does, where third-party cookies are blocked. Signed (RFC 7519), not encrypted: it
 * says no more than the ids of the console and the viewer.
 */
export class ConsoleBearer {
  readonly #keys: readonly SigningKey[];
  readonly #now: () => number;

  /** `now` in milliseconds since the epoch, by the clock that all replicas share. */
  constructor(keys: readonly Key[], now: () => number) {
    this.#keys = keys.map(signingKey);
    this.#now = now;
  }

  /** `expiresAt` is in milliseconds since the epoch; the console itself may end earlier. */
  issue({ console: sub, viewer }: ConsolePass, expiresAt: number): string {
    const [key] = this.#keys;
    if (!key) throw new Error('the key ring is empty');
    const exp = Math.ceil(expiresAt / 1000);
    const iat = Math.floor(this.#now() / 1000);
    const claims = { sub, aud: AUDIENCE, iat, exp, ...(viewer === null ? {} : { viewer }) };
    return jwt.sign(claims, key.secret, { algorithm: ALGORITHM, keyid: key.id });
  }

  /** What this bearer opens, and for whom; undefined when it is none of ours. */
  open(bearer: string): ConsolePass | undefined {
    const kid = jwt.decode(bearer, { complete: true })?.header.kid;
    const key = this.#keys.find(({ id }) => id === kid);
    if (!key) return undefined;
    try {
      const options = {
        algorithms: [ALGORITHM],
        audience: AUDIENCE,
        clockTimestamp: Math.floor(this.#now() / 1000),
      } satisfies jwt.VerifyOptions;
      const claims = jwt.verify(bearer, key.secret, options);
      if (typeof claims === 'string' || claims.sub === undefined) return undefined;
      const viewer: unknown = claims['viewer'];
      return { console: claims.sub, viewer: typeof viewer === 'string' ? viewer : null };
    } catch {
      return undefined;
    }
  }

  /** Whether we have made it, also when its time is over: who brings it guesses at nothing. */
  isOurs(bearer: string): boolean {
    const options: jwt.VerifyOptions = {
      algorithms: [ALGORITHM],
      audience: AUDIENCE,
      ignoreExpiration: true,
    };
    return this.#keys.some(({ secret }) => {
      try {
        jwt.verify(bearer, secret, options);
        return true;
      } catch {
        return false;
      }
    });
  }
}
