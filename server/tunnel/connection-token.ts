import { randomBytes, webcrypto } from 'node:crypto';
import { EncryptJWT, errors, jwtDecrypt } from 'jose';
import * as z from 'zod';
import { GUACD_PROTOCOLS, type TunnelGrant } from '../consoles/tunnel-port.ts';
import { CONSOLE_KINDS } from '../contract/index.ts';
import { GatewayError } from '../errors.ts';

/** Longest token, in characters: it travels in a request line, which Node limits to 16 KiB. */
export const MAX_TOKEN_LENGTH = 8192;

const AUDIENCE = 'rackside:tunnel';

const pixels = z.int().positive();
const grantSchema = z.strictObject({
  consoleId: z.string().min(1),
  machine: z.string().min(1),
  kind: z.enum(CONSOLE_KINDS),
  protocol: z.enum(GUACD_PROTOCOLS),
  guacd: z.union([
    z.strictObject({ host: z.string().min(1), port: z.int().min(1).max(65_535) }),
    z.strictObject({ path: z.string().min(1) }),
  ]),
  parameters: z.record(z.string(), z.string()),
  bridged: z.boolean(),
  readOnly: z.boolean(),
  user: z.string(),
  display: z.strictObject({ width: pixels, height: pixels, dpi: pixels }),
  timezone: z.nullable(z.string()),
  deadline: z.number(),
  viewer: z.nullable(z.strictObject({ id: z.string().min(1), until: z.number().nullable() })),
  join: z.nullable(z.string().min(1)),
  asks: z.boolean().exactOptional(),
});
const claimsSchema = z.object({ jti: z.string().min(1), exp: z.number(), grant: grantSchema });

export interface OpenedToken {
  readonly grant: TunnelGrant;
  /** Random 128-bit id, for single use. */
  readonly jti: string;
  /** Milliseconds since the epoch. */
  readonly expiresAt: number;
}

/**
 * Connection tokens: JWE compact (RFC 7516), `dir` with A256GCM and keys of 32 bytes that serve
 * nothing else. The first key encrypts, every key decrypts.
 */
export class ConnectionTokens {
  /** As Web Crypto wants them: made once, not for each token. */
  readonly #keys: ReadonlyMap<string, Promise<webcrypto.CryptoKey>>;
  readonly #first: string;

  constructor(keys: readonly { readonly id: string; readonly secret: Uint8Array }[]) {
    const [first] = keys;
    if (!first) throw new Error('connection tokens need at least one key');
    this.#first = first.id;
    this.#keys = new Map(keys.map(({ id, secret }) => [id, importKey(secret)]));
  }

  /**
   * Times are milliseconds since the epoch; the expiry is rounded up to a whole second. Throws
   * GatewayError `internal` when the grant does not fit into MAX_TOKEN_LENGTH.
   */
  async issue(grant: TunnelGrant, expiresAt: number, now: number): Promise<string> {
    const token = await new EncryptJWT({ grant })
      .setProtectedHeader({ alg: 'dir', enc: 'A256GCM', kid: this.#first })
      .setAudience(AUDIENCE)
      .setJti(randomBytes(16).toString('base64url'))
      .setIssuedAt(Math.floor(now / 1000))
      .setExpirationTime(Math.ceil(expiresAt / 1000))
      .encrypt(await this.#key(this.#first));
    if (token.length > MAX_TOKEN_LENGTH) {
      throw new GatewayError(
        'internal',
        `${grant.machine}: its parameters make a connection token of ${token.length} characters, ` +
          `more than ${MAX_TOKEN_LENGTH}`,
      );
    }
    return token;
  }

  /** Throws GatewayError `token_expired` for a genuine but late token, else `token_invalid`. */
  async open(token: string, now: number): Promise<OpenedToken> {
    try {
      if (token.length > MAX_TOKEN_LENGTH || !isCanonical(token))
        throw new Error('malformed token');
      const { payload } = await jwtDecrypt(token, ({ kid }) => this.#key(kid), {
        keyManagementAlgorithms: ['dir'],
        contentEncryptionAlgorithms: ['A256GCM'],
        audience: AUDIENCE,
        requiredClaims: ['exp', 'jti'],
        currentDate: new Date(now),
      });
      const { grant, jti, exp } = claimsSchema.parse(payload);
      return { grant, jti, expiresAt: exp * 1000 };
    } catch (error) {
      // No cause: a zod or jose error may quote what was inside.
      if (error instanceof errors.JWTExpired) {
        throw new GatewayError('token_expired', 'the connection token has expired');
      }
      throw new GatewayError('token_invalid', 'the connection token is not valid');
    }
  }

  async #key(id: string | undefined): Promise<webcrypto.CryptoKey> {
    const key = id === undefined ? undefined : this.#keys.get(id);
    if (!key) throw new Error('unknown key id');
    return key;
  }
}

function importKey(secret: Uint8Array): Promise<webcrypto.CryptoKey> {
  const raw = Uint8Array.from(secret);
  return webcrypto.subtle.importKey('raw', raw, 'AES-GCM', false, ['encrypt', 'decrypt']);
}

/** Base64url leaves spare bits in a last character; a token has only one spelling here. */
function isCanonical(token: string): boolean {
  return token
    .split('.')
    .every((part) => Buffer.from(part, 'base64url').toString('base64url') === part);
}
