import { z } from 'zod';
import { strict } from '../providers/config-fields.ts';

/** How the list of machines is kept up to date. */
export const inventory = strict({
  /** Seconds between two looks at a provider's list. */
  refresh: z.int({ error: 'expected a whole number of seconds' }).min(1).max(86_400).default(60),
});
