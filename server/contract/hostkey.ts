import * as z from 'zod/mini';

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
