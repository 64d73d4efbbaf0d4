import { z } from 'zod';
import { configId, secret, strict } from '../config-fields.ts';

/** Pages that lead to websockify's old address with a machine's token, which alone lets in. */
const links = strict({
  /** For whom the consoles are opened: to the policy, the audit trail and the machine. */
  user: z.string().min(1).max(128).default('token-link'),
  readOnly: z.boolean().default(false),
});

export const websockifyConfig = strict({
  id: configId(),
  type: z.literal('websockify'),
  /** A folder of token files, or one file. */
  path: z.string().min(1),
  /** Absent: of a folder each file is a machine, of a single file each line. */
  machines: z.enum(['files', 'lines']).optional(),
  location: z.string().min(1).optional(),
  owner: z.string().min(1).optional(),
  /** Of every machine's VNC server, where they have one. */
  password: secret().optional(),
  links: links.optional(),
});
export type WebsockifyConfig = z.infer<typeof websockifyConfig>;
