import { z } from 'zod';
import { ROLES } from '../contract/index.ts';
import { strict } from '../providers/config-fields.ts';

const count = z.int({ error: 'expected a whole number' });

/** How people sign in: how often they may be wrong, and who must bring a second factor. */
export const signIn = strict({
  /** Wrong tries within the window, by address; docs/sign-in.md says what else is counted. */
  tries: count.min(1).max(1000).default(10),
  /** Seconds. */
  window: count.min(1).max(86_400).default(900),
  /** Roles whose people must enrol for one-time codes. */
  totp: z.array(z.enum(ROLES)).default([]),
});
export type SignInConfig = z.output<typeof signIn>;
