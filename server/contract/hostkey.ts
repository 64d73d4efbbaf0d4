import * as z from 'zod/mini';
import { statusCode } from './console.ts';

const word = z.string().check(z.minLength(1), z.maxLength(1024));

/** The form of `POST /eq.php`. Whatever else it holds is passed over, as it always was. */
export const eqForm = z.object({
  action: z.literal('novnc'),
  /** An API token. */
  token: word,
  id: z.string().check(z.regex(/^\d{1,20}$/)),
  pin: word,
});
export type EqForm = z.infer<typeof eqForm>;

/** The answer of `POST /eq.php`; `Debug` and `Key` or `debug` and `key`, as the gateway is configured. */
export const eqAnswer = z.object({
  result: z.enum(['OK', 'ERROR']),
  /** The console's URL, or why there is none. */
  scope: z.string(),
  context: z.object({
    action: z.string(),
    id: z.string(),
    location: z.string(),
    /** The row of the status table, of an ERROR. */
    code: z.optional(statusCode),
  }),
  debug: z.optional(z.literal('debug')),
  key: z.optional(z.string()),
  Debug: z.optional(z.literal('debug')),
  Key: z.optional(z.string()),
});
