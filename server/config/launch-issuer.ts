import { type KeyObject, createPublicKey, createSecretKey } from 'node:crypto';
import { z } from 'zod';
import { SECRET_MARK, secret, strict } from '../providers/config-fields.ts';

/** Bytes: RFC 7518 section 3.2 wants a key of HS256 to be no shorter than its hash. */
const SECRET_BYTES = 32;
/** Bits, RFC 7518 section 3.3. */
const RSA_BITS = 2048;

type Asymmetric = 'RS256' | 'ES256' | 'EdDSA';

/** What each algorithm's public key must be. */
const KEY_OF: Readonly<Record<Asymmetric, { fits: (key: KeyObject) => boolean; words: string }>> = {
  RS256: {
    fits: (key) =>
      key.asymmetricKeyType === 'rsa' && (key.asymmetricKeyDetails?.modulusLength ?? 0) >= RSA_BITS,
    words: `an RSA key of at least ${RSA_BITS} bits`,
  },
  ES256: {
    fits: (key) => key.asymmetricKeyDetails?.namedCurve === 'prime256v1',
    words: 'an EC key on the curve P-256',
  },
  EdDSA: { fits: (key) => key.asymmetricKeyType === 'ed25519', words: 'an Ed25519 key' },
};

/** A portal that signs launch links: its one algorithm and the key that goes with it. */
export const launchIssuer = strict({
  issuer: z.string().min(1).max(128),
  algorithm: z.enum(['HS256', 'RS256', 'ES256', 'EdDSA']),
  secret: secret().optional(),
  // No secret, but it may come from a file as one does.
  publicKey: z
    .string()
    .meta({ [SECRET_MARK]: true })
    .optional(),
}).transform((entry, context) => {
  const { issuer, algorithm } = entry;
  const fault = (path: 'secret' | 'publicKey', message: string): never => {
    context.addIssue({ code: 'custom', path: [path], message });
    return z.NEVER;
  };
  if (algorithm === 'HS256') {
    if (entry.publicKey !== undefined)
      return fault('publicKey', 'expected none, HS256 takes a secret');
    const bytes = Buffer.from(entry.secret?.reveal() ?? '');
    if (bytes.length < SECRET_BYTES) {
      return fault('secret', `expected a secret of at least ${SECRET_BYTES} bytes for HS256`);
    }
    return { issuer, algorithm, key: createSecretKey(bytes) };
  }
  if (entry.secret) return fault('secret', `expected none, ${algorithm} takes a publicKey`);
  const key = publicKeyOf(entry.publicKey ?? '');
  if (!key) {
    return fault('publicKey', 'expected a public key in PEM (-----BEGIN PUBLIC KEY-----)');
  }
  if (!KEY_OF[algorithm].fits(key)) {
    return fault('publicKey', `expected ${KEY_OF[algorithm].words} for ${algorithm}`);
  }
  return { issuer, algorithm, key };
});

/** Undefined for what is no public key; Node would take a private one and make it public. */
function publicKeyOf(pem: string): KeyObject | undefined {
  if (!/^\s*-----BEGIN (RSA )?PUBLIC KEY-----/.test(pem)) return undefined;
  try {
    return createPublicKey(pem);
  } catch {
    return undefined;
  }
}
