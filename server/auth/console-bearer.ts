import jwt from 'jsonwebtoken';
import type { Key } from './key-ring.ts';

const ALGORITHM = 'HS256';
const AUDIENCE = 'rackside:console';

/**
 * The bearer that a page gets for a redeemed launch key and keeps in memory: it does for one console
 * what the cookie does, where third-party cookies are blocked. Signed (RFC 7519), not encrypted: it
 * says no more than the console's id.
 */
export class ConsoleBearer {
  readonly #keys: readonly Key[];

  constructor(keys: readonly Key[]) {
    this.#keys = keys;
  }

  /** `expiresAt` is in milliseconds since the epoch; the console itself may end earlier. */
  issue(consoleId: string, expiresAt: number): string {
    const [key] = this.#keys;
    if (!key) throw new Error('the key ring is empty');
    const claims = { sub: consoleId, aud: AUDIENCE, exp: Math.ceil(expiresAt / 1000) };
    return jwt.sign(claims, Buffer.from(key.secret), { algorithm: ALGORITHM, keyid: key.id });
  }

  /** The id of the console that this bearer opens; undefined when it is none of ours. */
  consoleOf(bearer: string): string | undefined {
    const kid = jwt.decode(bearer, { complete: true })?.header.kid;
    const key = this.#keys.find(({ id }) => id === kid);
    if (!key) return undefined;
    try {
      const options = { algorithms: [ALGORITHM], audience: AUDIENCE } satisfies jwt.VerifyOptions;
      return jwt.verify(bearer, Buffer.from(key.secret), options).sub?.toString();
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
        jwt.verify(bearer, Buffer.from(secret), options);
        return true;
      } catch {
        return false;
      }
    });
  }
}
