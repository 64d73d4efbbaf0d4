import { z } from 'zod';
import { secret, strict, unique } from '../providers/config-fields.ts';

const server = strict({
  /** The number by which customers' scripts know the server. */
  id: z
    .string({ error: 'expected digits in quotes' })
    .regex(/^\d{1,20}$/, { error: 'expected digits in quotes' }),
  machine: z.string().regex(/^[^:]+:./, { error: 'expected <provider>:<local id>' }),
  /** As the answer says it, `NL`. */
  location: z.string().min(1).max(64),
  pin: secret(),
});

/** `POST /eq.php` for scripts of HOSTKEY's customers. Absent: there is no such path. */
export const hostkey = strict({
  /** Older replies write `Debug` and `Key`. */
  spelling: z.enum(['lower', 'upper']).default('lower'),
  servers: z.array(server).min(1).superRefine(unique('id')),
});
export type HostkeyConfig = z.output<typeof hostkey>;
