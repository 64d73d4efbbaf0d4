import * as z from 'zod/mini';

/** Text of one line that others are shown: no control or invisible characters, not blank. */
export function line(longest: number) {
  return z.string().check(z.trim(), z.minLength(1), z.maxLength(longest), z.regex(/^\P{C}*$/u));
}
