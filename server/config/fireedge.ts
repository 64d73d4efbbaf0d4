import { z } from 'zod';
import { secret, strict } from '../providers/config-fields.ts';

/** Characters of FireEdge's key: it is taken as it is written, as the 32 bytes of AES-256. */
const KEY = 32;

/** An address, a CIDR range, a host name, or all names below a domain. */
const host = z.string().regex(/^(\*\.)?[\p{L}\p{N}_:][\p{L}\p{N}._:-]*(\/\d{1,3})?$/u, {
  error: 'expected an address, a CIDR range, a host name or *.domain',
});

/** Tokens that FireEdge has made for guacamole-lite. Absent: there is no such path. */
export const fireEdge = strict({
  /** What is in FireEdge's own file, `/var/lib/one/.one/fireedge_key`. */
  key: secret((text) =>
    text.trim().refine((key) => Buffer.byteLength(key) === KEY, {
      error: `expected FireEdge's key, ${KEY} characters`,
    }),
  ),
  /** Where its tokens may lead. */
  hosts: z.array(host).min(1),
  /** For whom its consoles are opened: to the policy and the audit trail. */
  user: z.string().min(1).max(128).default('fireedge'),
  location: z.string().min(1).optional(),
});
export type FireEdgeConfig = z.output<typeof fireEdge>;
