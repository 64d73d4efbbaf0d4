import * as z from 'zod/mini';
import { statusCode } from './console.ts';

/** An error body, RFC 9457. `code` is stable; `detail` is for people and may change. */
export const problem = z.object({
  type: z.string(),
  title: z.string(),
  status: z.number(),
  code: statusCode,
  detail: z.string(),
  errors: z.optional(z.array(z.object({ path: z.string(), message: z.string() }))),
});
export type Problem = z.infer<typeof problem>;
