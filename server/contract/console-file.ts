import * as z from 'zod/mini';
import { purpose } from './policy.ts';

/** Body of `POST /machines/{id}/console-file`. */
export const consoleFileRequest = z.strictObject({ purpose: z.optional(purpose) });
export type ConsoleFileRequest = z.infer<typeof consoleFileRequest>;

/** Its answer: a file that a native client of the user's own opens. Holds credentials for a while. */
export const consoleFile = z.object({
  name: z.string(),
  contentType: z.string(),
  text: z.string(),
});
export type ConsoleFile = z.infer<typeof consoleFile>;
