import * as z from 'zod/mini';

/** How it goes with a provider's list, for staff. */
export const providerView = z.object({
  id: z.string(),
  /** How many machines it was last heard to have. */
  machines: z.int(),
  /** When its list was last heard; null where it never was. */
  heardAt: z.nullable(z.iso.datetime()),
  /** It was asked in vain since. */
  failing: z.boolean(),
  /** What was wrong, where it fails. */
  reason: z.nullable(z.string()),
});
export type ProviderView = z.infer<typeof providerView>;

/** Body of `POST /machines/sync`. */
export const syncRequest = z.strictObject({
  /** All of them where it is absent. */
  provider: z.optional(z.string().check(z.minLength(1), z.maxLength(64))),
});

/** Its answer, 202: these are asked, and not waited for. */
export const syncAnswer = z.object({ providers: z.array(z.string()) });
export type SyncAnswer = z.infer<typeof syncAnswer>;
