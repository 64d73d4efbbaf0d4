import { z } from 'zod';
import {
  CA_OR_FINGERPRINT,
  certificates,
  configId,
  fingerprint,
  secret,
  strict,
} from '../config-fields.ts';
import { ownership } from '../ownership.ts';

const url = z
  .url({ protocol: /^https?$/, error: 'expected the URL of oned, http://…:2633/RPC2' })
  .transform((text) => new URL(text))
  // oned answers at this path alone.
  .transform((parsed) => (parsed.pathname === '/' ? new URL('/RPC2', parsed) : parsed))
  .refine((parsed) => !parsed.username && !parsed.password && !parsed.search && !parsed.hash, {
    error: 'expected neither user, ? nor # in it: the account goes into `session`',
  });

export const openNebulaConfig = strict({
  id: configId(),
  type: z.literal('opennebula'),
  url,
  /** `user:password` or `user:token`, as in ~/.one/one_auth. */
  session: secret((text) =>
    text.trim().regex(/^[^:\s]+:\S+$/, { error: 'expected user:token, as ~/.one/one_auth has it' }),
  ),
  ca: certificates().optional(),
  fingerprint: fingerprint().optional(),
  /** `full` knows RDP, SSH and every attribute of a VM; `short` is for thousands of VMs. */
  list: z.enum(['full', 'short']).default('full'),
  /** By `user`, which is its OpenNebula user, an attribute of its own, or one of its LABELS. */
  owner: ownership.optional(),
  /** Addresses of hosts whose names do not resolve where guacd is. */
  hosts: z.record(z.string(), z.string().min(1)).default({}),
  /** Seconds for one call. */
  timeout: z.number().min(0.1).max(120).default(10),
  location: z.string().min(1).optional(),
})
  .refine(...CA_OR_FINGERPRINT)
  .refine(({ list, owner }) => list === 'full' || !owner || /^user$|\*/.test(owner.label), {
    path: ['owner', 'label'],
    error: 'expected `list: full` with an attribute: the short list has none of them',
  });
export type OpenNebulaConfig = z.output<typeof openNebulaConfig>;
