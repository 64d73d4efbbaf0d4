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

const url = z
  .url({ protocol: /^https?$/, error: 'expected the URL of a node, https://…:8006' })
  .transform((text) => new URL(text))
  .refine(({ protocol, hostname }) => protocol === 'https:' || isLoopback(hostname), {
    error: 'expected https: the password or token on its way would be readable',
  })
  .refine(({ pathname, search, hash, username, password }) => {
    return pathname === '/' && !search && !hash && !username && !password;
  }, 'expected scheme, host and port alone, such as https://pve1.example:8006');

const USER = /^[^\s:/@!]+@[A-Za-z][\w.-]+$/;
const TOKEN = /^[^\s:/@!]+@[A-Za-z][\w.-]+![A-Za-z][\w.-]+=[0-9A-Za-z-]+$/;

/** One cluster, or a node that stands alone. */
export const proxmoxConfig = strict({
  id: configId(),
  type: z.literal('proxmox'),
  /** Of any node: each answers for the whole cluster. */
  url,
  token: secret((text) =>
    text
      .trim()
      .regex(TOKEN, { error: 'expected user@realm!name=secret, as Proxmox shows it once' }),
  ).optional(),
  username: z
    .string()
    .regex(USER, { error: 'expected user@realm, such as console@pve' })
    .optional(),
  password: secret().optional(),
  ca: certificates().optional(),
  fingerprint: fingerprint().optional(),
  /** VMs with this tag are listed with a terminal: they have a serial port. */
  serialTag: z
    .string()
    .regex(/^\w[\w.+-]*$/, { error: 'expected a tag' })
    .optional(),
  owner: ownership.optional(),
  /** Seconds for one call. */
  timeout: z.number().min(0.1).max(120).default(10),
  location: z.string().min(1).optional(),
})
  .refine(...CA_OR_FINGERPRINT)
  .superRefine((config, context) => {
    const refuse = (path: string, message: string) =>
      context.addIssue({ code: 'custom', path: [path], message });
    const { token, username, password } = config;
    if (token && (username || password))
      refuse('token', 'expected token, or username and password');
    if (!token && !username && !password)
      refuse('token', 'expected token, or username and password');
    if (!token && username && !password) refuse('password', 'expected a password for username');
    if (!token && password && !username) refuse('username', 'expected a username for password');
  });
export type ProxmoxConfig = z.output<typeof proxmoxConfig>;
