import { isUtf8 } from 'node:buffer';
import { type KeyObject, createDecipheriv, createSecretKey, randomBytes } from 'node:crypto';
import { EncryptJWT } from 'jose';
import * as z from 'zod';
import { GUACD_PROTOCOLS, type TunnelGrant } from '../consoles/tunnel-port.ts';
import { CONSOLE_KINDS } from '../contract/index.ts';
import { GatewayError } from '../errors.ts';

/** Longest token, in characters: it travels in a request line, which Node limits to 16 KiB. */
export const MAX_TOKEN_LENGTH = 8192;

const AUDIENCE = 'rackside:tunnel';
/** Of the compact form: header, encrypted key, initialization vector, ciphertext, tag. */
const PARTS = 5;
/** Of A256GCM, in bytes (RFC 7518, 5.3). */
const IV_LENGTH = 12;
const TAG_LENGTH = 16;

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
const claimsSchema = z.strictObject({
  aud: z.literal(AUDIENCE),
  jti: z.string().min(1),
  iat: z.number(),
  exp: z.number(),
  grant: z.unknown(),
});

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
  /** By the protected header of their tokens, which says nothing but the key's id. */
  readonly #keys: ReadonlyMap<string, KeyObject>;
  readonly #first: { readonly header: ProtectedHeader; readonly key: KeyObject };

  constructor(keys: readonly { readonly id: string; readonly secret: Uint8Array }[]) {
    const known = keys.map(({ id, secret }) => ({
      header: protectedHeader(id),
      key: createSecretKey(secret),
    }));
    const [first] = known;
    if (!first) throw new Error('connection tokens need at least one key');
    this.#first = first;
    this.#keys = new Map(known.map(({ header, key }) => [encoded(header), key]));
  }

  /**
   * Times are milliseconds since the epoch; the expiry is rounded up to a whole second. Throws
   * GatewayError `internal` when the grant does not fit into MAX_TOKEN_LENGTH.
   */
  async issue(grant: TunnelGrant, expiresAt: number, now: number): Promise<string> {
    const token = await new EncryptJWT({ grant })
      .setProtectedHeader(this.#first.header)
      .setAudience(AUDIENCE)
      .setJti(randomBytes(16).toString('base64url'))
      .setIssuedAt(Math.floor(now / 1000))
      .setExpirationTime(Math.ceil(expiresAt / 1000))
      .encrypt(this.#first.key);
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
  open(token: string, now: number): OpenedToken {
    const { grant, jti, exp } = valid(() => claimsSchema.parse(JSON.parse(this.#decrypt(token))));
    if (!(exp > Math.floor(now / 1000))) {
      throw new GatewayError('token_expired', 'the connection token has expired');
    }
    return { grant: valid(() => grantSchema.parse(grant)), jti, expiresAt: exp * 1000 };
  }

  /**
   * By node:crypto, at once: Web Crypto's way through the thread pool, which jose takes, costs a fifth
   * of a tunnel's opening.
   */
  #decrypt(token: string): string {
    if (token.length > MAX_TOKEN_LENGTH) throw new Error('too long');
    const [header = '', encryptedKey, ...rest] = token.split('.', PARTS + 1);
    const key = this.#keys.get(header);
    // Before anything is decoded: whoever has no token makes no work.
    if (!key || encryptedKey !== '' || rest.length !== PARTS - 2)
      throw new Error('malformed token');
    const [iv, ciphertext, tag] = rest.map(decoded) as [Buffer, Buffer, Buffer];
    if (iv.length !== IV_LENGTH) throw new Error('malformed initialization vector');
    const decipher = createDecipheriv('aes-256-gcm', key, iv, { authTagLength: TAG_LENGTH });
    decipher.setAAD(Buffer.from(header, 'ascii')).setAuthTag(tag);
    const content = Buffer.concat([decipher.update(ciphertext), decipher.final()]);
    if (!isUtf8(content)) throw new Error('malformed content');
    return content.toString('utf8');
  }
}

/** No cause: zod's and JSON's errors may quote what was inside. */
function valid<T>(read: () => T): T {
  try {
    return read();
  } catch {
    throw new GatewayError('token_invalid', 'the connection token is not valid');
  }
}

interface ProtectedHeader extends Record<string, string> {
  alg: 'dir';
  enc: 'A256GCM';
  kid: string;
}

function protectedHeader(kid: string): ProtectedHeader {
  return { alg: 'dir', enc: 'A256GCM', kid };
}

/** As jose writes it. */
function encoded(header: ProtectedHeader): string {
  return Buffer.from(JSON.stringify(header)).toString('base64url');
}

/** Base64url leaves spare bits in a last character; a token has only one spelling here. */
function decoded(part: string): Buffer {
  const bytes = Buffer.from(part, 'base64url');
  if (bytes.toString('base64url') !== part) throw new Error('malformed base64url');
  return bytes;
}
