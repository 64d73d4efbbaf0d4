import { z } from 'zod';
import { configId, secret, strict } from '../providers/config-fields.ts';
import { isLoopback } from '../platform/loopback.ts';
import { letsSomebodyIn, remoteSourceFields } from './remote-source.ts';

const issuer = z
  .url({ protocol: /^https?$/, error: 'expected an https URL' })
  .transform((url) => new URL(url))
  .refine((url) => url.protocol === 'https:' || isLoopback(url.hostname), {
    error: 'expected https: the codes and names on their way would be readable',
  })
  .refine((url) => !url.search && !url.hash && !url.username && !url.password, {
    error: 'expected neither user, ? nor # in it',
  });

/** An OpenID Connect provider that tells who somebody is. */
export const oidcSource = strict({
  id: configId(),
  /** On the sign-in page's button. */
  name: z.string().min(1).max(64).optional(),
  issuer,
  clientId: z.string().min(1),
  /** Absent: a public client, which PKCE alone protects. */
  clientSecret: secret().optional(),
  /** Besides `openid`. */
  scopes: z.array(z.string().regex(/^[\x21-\x7e]+$/)).default(['profile']),
  nameClaim: z.string().min(1).default('preferred_username'),
  groupsClaim: z.string().min(1).default('groups'),
  ...remoteSourceFields,
}).superRefine(letsSomebodyIn);
export type OidcConfig = z.output<typeof oidcSource>;
