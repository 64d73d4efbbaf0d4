import { createSecretKey } from 'node:crypto';
import { z } from 'zod';
import { secret, strict } from '../providers/config-fields.ts';

/** Bytes: an HMAC's key is to be no shorter than its hash. */
const KEY_BYTES = 32;
const PREFIX = /^whsec_/;
/** A wildcard stands for one or more labels; it cannot be the whole host. */
const ORIGIN = /^https?:\/\/((\*\.)?[a-z0-9-]+(\.[a-z0-9-]+)*|\[[0-9a-f:.]+\])(:[1-9]\d{0,4})?$/;

/** Whom a closed console is told to. Absent: nobody, and `closeUrl` is refused. */
export const closeUrls = strict({
  /** In base64, with or without the `whsec_` that Standard Webhooks put before it. */
  secret: secret((text) =>
    text.refine((value) => keyOf(value).length >= KEY_BYTES, {
      error: `expected at least ${KEY_BYTES} bytes in base64`,
    }),
  ),
  allow: z
    .array(
      z.string().regex(ORIGIN, {
        error: 'expected an origin such as https://portal.example.com or https://*.example.com',
      }),
    )
    .min(1)
    .optional(),
  timeout: z.int().min(1).max(60).default(10),
  tries: z.int().min(1).max(50).default(12),
  backoff: z.int().min(1).max(900).default(5),
}).transform(({ secret: text, ...rest }) => ({
  ...rest,
  key: createSecretKey(keyOf(text.reveal())),
}));

function keyOf(text: string): Buffer {
  const base64 = text.replace(PREFIX, '');
  return /^[A-Za-z0-9+/_-]+={0,2}$/.test(base64) ? Buffer.from(base64, 'base64') : Buffer.alloc(0);
}
