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

/** Where engines have their application; what people copy out of a browser ends in more. */
const CONTEXT = '/ovirt-engine';

const engineUrl = z
  .url({ protocol: /^https$/, error: 'expected an https:// URL of the engine' })
  .transform((text) => {
    const url = new URL(text);
    const at = url.pathname.indexOf(CONTEXT);
    const before = at < 0 ? url.pathname.replace(/\/$/, '') : url.pathname.slice(0, at);
    return new URL(`${before}${CONTEXT}`, url.origin);
  });

/** How VNC servers of the hosts are spoken to. `x509` never goes without a certificate. */
export const VNC_SECURITY = ['auto', 'plain', 'x509'] as const;

export const ovirtConfig = strict({
  id: configId(),
  type: z.literal('ovirt'),
  url: engineUrl,
  /** `user@profile`, as in `admin@internal` or `admin@ovirt@internalsso`. */
  username: z.string().includes('@', { error: 'expected user@profile, such as admin@internal' }),
  password: secret(),
  ca: certificates().optional(),
  fingerprint: fingerprint().optional(),
  /** Of the hosts' VNC servers; absent: the CA that the engine itself publishes. */
  hostCa: certificates().optional(),
  vncSecurity: z.enum(VNC_SECURITY).default('auto'),
  /** The engine's own search language, `cluster = customers and tag = rackside`. */
  search: z
    .string()
    .max(1000)
    .refine((text) => !/\b(page|sortby)\b/i.test(text), {
      error: 'expected conditions alone: the gateway sorts and pages by itself',
    })
    .optional(),
  /** The account is no administrator: the engine shows it what it has permissions on. */
  userLevel: z.boolean().default(false),
  /** Seconds for which a ticket lets new connections in. */
  ticketExpiry: z.int().min(10).max(7200).default(120),
  /** Seconds for one call to the engine. */
  timeout: z.number().min(0.1).max(120).default(10),
  /** Whether the file for a native client may be had. */
  consoleFile: z.boolean().default(true),
  owner: ownership.optional(),
  location: z.string().min(1).optional(),
})
  .refine(...CA_OR_FINGERPRINT)
  .superRefine((config, context) => {
    const refuse = (path: string, message: string) =>
      context.addIssue({ code: 'custom', path: [path], message });
    if (config.userLevel && config.search) {
      refuse('search', 'the engine has no search together with userLevel');
    }
  });
export type OvirtConfig = z.output<typeof ovirtConfig>;
