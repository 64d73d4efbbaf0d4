import { z } from 'zod';
import { strict } from '../providers/config-fields.ts';

/** What is kept of who did what; docs/audit.md. */
export const audit = strict({
  /** Absent: no file. */
  file: z.string().min(1).optional(),
  stdout: z.boolean().default(false),
  /** Entries in Redis; the oldest go. */
  keep: z
    .int({ error: 'expected a whole number of entries' })
    .min(1000)
    .max(10_000_000)
    .default(100_000),
});
