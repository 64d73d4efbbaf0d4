import { z } from 'zod';
import { secret, strict } from '../providers/config-fields.ts';

/** Who may read the metrics, and where. Neither: nobody, and there is no such path. */
export const metrics = strict({
  /** An address of their own; absent is the gateway's, where the token is wanted. */
  listen: strict({
    host: z.string().min(1).default('127.0.0.1'),
    port: z.int().min(0).max(65_535),
  }).optional(),
  tokenHash: secret((text) =>
    text.regex(/^[0-9a-f]{64}$/i, { error: "expected the token's sha256, 64 hex digits" }),
  ).optional(),
});
