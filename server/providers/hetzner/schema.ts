import { z } from 'zod';
import { isLoopback } from '../../platform/loopback.ts';
import {
  CA_OR_FINGERPRINT,
  certificates,
  configId,
  fingerprint,
  secret,
  strict,
} from '../config-fields.ts';
import { ownership } from '../ownership.ts';

/** What the cloud documents for labels; longer keys than its 63 characters have a prefix with `/`. */
const LABEL = /^[A-Za-z0-9]([A-Za-z0-9_./-]{0,315}[A-Za-z0-9])?(=[A-Za-z0-9_.-]{0,63})?$/;
/** How a server's name, a host name of RFC 1123, can begin. */
const NAME_PREFIX = /^[A-Za-z0-9][A-Za-z0-9.-]{0,61}$/;

const baseUrl = z
  .url({ protocol: /^https?$/, error: 'expected an https URL' })
  .transform((text) => new URL(text))
  .refine((url) => url.protocol === 'https:' || isLoopback(url.hostname), {
    error: 'expected https: the API token on its way would be readable',
  })
  .refine((url) => !url.search && !url.hash && !url.username && !url.password, {
    error: 'expected neither user, ? nor # in it',
  });

/** One project of the cloud. */
export const hetznerConfig = strict({
  id: configId(),
  type: z.literal('hetzner'),
  /** With the permission to read and write: even a console is asked for by writing. */
  apiToken: secret((text) => text.trim()),
  baseUrl: baseUrl.prefault('https://api.hetzner.cloud/v1'),
  ca: certificates().optional(),
  fingerprint: fingerprint().optional(),
  /** Servers without it are not there: neither listed, nor opened, nor switched. */
  label: z.string().regex(LABEL, { error: 'expected a label, key or key=value' }).optional(),
  /** Servers whose names begin otherwise are not made. */
  namePrefix: z
    .string()
    .regex(NAME_PREFIX, { error: 'expected the beginning of a host name' })
    .optional(),
  owner: ownership.optional(),
  /** The project's limit of calls. */
  callsPerHour: z.int().min(60).max(1_000_000).default(3600),
  location: z.string().min(1).optional(),
}).refine(...CA_OR_FINGERPRINT);
export type HetznerConfig = z.output<typeof hetznerConfig>;
