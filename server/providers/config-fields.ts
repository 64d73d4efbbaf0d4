import { X509Certificate } from 'node:crypto';
import { z } from 'zod';
import { Secret } from '../secret.ts';
import { ID_PATTERN } from './provider.ts';

/**
 * Marks a field whose value may also come from a file, as `<name>File`. The reader of the config's
 * sources finds the mark in the JSON schema.
 */
export const SECRET_MARK = 'x-secret';

/** A string that becomes a Secret at once. Numbers are refused: YAML would drop leading zeros. */
export function secret(check: (schema: z.ZodString) => z.ZodString = (schema) => schema) {
  return check(z.string().min(1))
    .meta({ [SECRET_MARK]: true })
    .transform((value) => new Secret(value));
}

/** Certificates in PEM. No secret, but they may come from a file as one does. */
export function certificates() {
  return z
    .string()
    .refine(areCertificates, {
      error: 'expected certificates in PEM (-----BEGIN CERTIFICATE-----)',
    })
    .meta({ [SECRET_MARK]: true });
}

/** SHA-256 of a certificate as openssl and browsers show it, with or without colons. */
export function fingerprint() {
  return z
    .string()
    .regex(/^([0-9a-f]{2}:?){32}$/i, { error: 'expected a SHA-256 fingerprint, 64 hex digits' });
}

interface Trust {
  readonly ca?: string | undefined;
  readonly fingerprint?: string | undefined;
}

/** Arguments of `refine`: a certificate is right by its CA, or it is the one that is known. */
export const CA_OR_FINGERPRINT = [
  ({ ca, fingerprint: pin }: Trust): boolean => !ca || !pin,
  { path: ['fingerprint'], error: 'expected ca or fingerprint, not both' },
] as const satisfies Parameters<z.ZodType<Trust>['refine']>;

/** An id in the config: of providers, machines, keys. */
export function configId() {
  return z.string().regex(ID_PATTERN, {
    error: 'expected letters, digits and . _ - (at most 64, the first a letter or digit)',
  });
}

/** An object that refuses unknown keys and says which ones there are. */
export function strict<Shape extends z.ZodRawShape>(shape: Shape) {
  return z.strictObject(shape, {
    error: (issue) =>
      issue.code === 'unrecognized_keys'
        ? `unknown key, expected one of ${Object.keys(shape).join(', ')}`
        : undefined,
  });
}

/** Each element's key must be its own; the message names the repeated one. */
export function unique<T>(key: keyof T & string) {
  return (items: readonly T[], context: z.RefinementCtx): void => {
    const seen = new Set<unknown>();
    for (const [index, item] of items.entries()) {
      if (seen.has(item[key])) {
        const message = `duplicate ${key} "${String(item[key])}"`;
        context.addIssue({ code: 'custom', path: [index, key], message });
      }
      seen.add(item[key]);
    }
  };
}

function areCertificates(pem: string): boolean {
  const found = pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  try {
    return found.map((each) => new X509Certificate(each)).length > 0;
  } catch {
    return false;
  }
}
