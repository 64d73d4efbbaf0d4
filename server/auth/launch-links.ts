import type { KeyObject } from 'node:crypto';
import { type JWTPayload, decodeJwt, errors, jwtVerify } from 'jose';
import type { LaunchClaims } from '../contract/index.ts';
import { GatewayError } from '../errors.ts';

/** A portal whose links are taken, with the one algorithm that its key is for. */
export interface LaunchIssuer {
  readonly issuer: string;
  readonly algorithm: 'HS256' | 'RS256' | 'ES256' | 'EdDSA';
  readonly key: KeyObject;
}

export interface LaunchLinksParts {
  readonly issuers: readonly LaunchIssuer[];
  /** Remembers what was used, for all replicas. Milliseconds since the epoch. */
  readonly singleUse: { use(id: string, until: number): Promise<boolean> };
  /** What a link's `aud` has to be, where it has one. */
  readonly publicUrl: string;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** Characters; the request line is limited to 16 KiB by Node. */
const MAX_LENGTH = 8192;
/** Seconds: a link is for the click that asked for it. */
const MAX_LIFE = 300;
/** Seconds by which a portal's clock may differ from ours. */
const SKEW = 5;
/** A used link is remembered for longer than it lives. Milliseconds. */
const MEMORY_MARGIN = 60_000;

/**
 * Launch links: a JWT (RFC 7519, JWS compact) with which a portal that the configuration names
 * vouches for a user and a machine. The algorithm is the issuer's own, whatever the header says.
 */
export class LaunchLinks {
  readonly #parts: LaunchLinksParts;
  readonly #issuers: ReadonlyMap<string, LaunchIssuer>;

  constructor(parts: LaunchLinksParts) {
    this.#parts = parts;
    this.#issuers = new Map(parts.issuers.map((issuer) => [issuer.issuer, issuer]));
  }

  /**
   * What a genuine link says, its claims not looked at any further.
   *
   * @throws GatewayError `launch_link_expired`, else `launch_link_invalid`. No cause goes with it:
   * jose's errors carry the claims.
   */
  async verify(jwt: unknown): Promise<JWTPayload> {
    if (typeof jwt !== 'string' || jwt === '' || jwt.length > MAX_LENGTH) {
      throw invalid('the link has no jwt that could be read');
    }
    const { issuer, algorithm, key } = this.#issuerOf(jwt);
    const now = this.#parts.now();
    const payload = await this.#checked(jwt, key, {
      issuer,
      algorithms: [algorithm],
      requiredClaims: ['exp', 'jti'],
      currentDate: new Date(now),
      clockTolerance: SKEW,
    });
    if ((payload.exp ?? Infinity) > now / 1000 + MAX_LIFE + SKEW) {
      throw invalid(`the link expires more than ${MAX_LIFE} seconds from now`);
    }
    if (payload.aud !== undefined && ![payload.aud].flat().includes(this.#parts.publicUrl)) {
      throw invalid('the link is meant for another gateway');
    }
    return payload;
  }

  /**
   * Uses a link up.
   *
   * @throws GatewayError `launch_link_used` for the second time, on whichever replica.
   */
  async use({ iss, jti, exp }: LaunchClaims): Promise<void> {
    const id = `launch:${encodeURIComponent(iss)}:${jti}`;
    if (!(await this.#parts.singleUse.use(id, Math.ceil(exp * 1000) + MEMORY_MARGIN))) {
      throw new GatewayError('launch_link_used', 'this launch link was used already');
    }
  }

  #issuerOf(jwt: string): LaunchIssuer {
    let iss: unknown;
    try {
      ({ iss } = decodeJwt(jwt));
    } catch {
      throw invalid('the jwt of the link cannot be read');
    }
    const issuer = typeof iss === 'string' ? this.#issuers.get(iss) : undefined;
    if (!issuer) throw invalid('the issuer of the link is not known');
    return issuer;
  }

  async #checked(
    jwt: string,
    key: KeyObject,
    options: Parameters<typeof jwtVerify>[2],
  ): Promise<JWTPayload> {
    try {
      return (await jwtVerify(jwt, key, options)).payload;
    } catch (error) {
      if (error instanceof errors.JWTExpired) {
        throw new GatewayError('launch_link_expired', 'the time of this launch link is over');
      }
      if (error instanceof errors.JWTClaimValidationFailed) {
        const what = error.reason === 'missing' ? 'is missing' : 'is not as it has to be';
        throw invalid(`the claim ${error.claim} of the link ${what}`);
      }
      throw invalid('the link is not signed as its issuer signs');
    }
  }
}

function invalid(message: string): GatewayError {
  return new GatewayError('launch_link_invalid', message);
}
