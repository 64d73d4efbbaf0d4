import { z } from 'zod';
import { ROLES } from '../contract/index.ts';
import { certificates, strict } from '../providers/config-fields.ts';

/** Seconds. */
const TIMEOUT = 5;

const groupName = z
  .string()
  .min(1)
  .refine((group) => group.split('*').length <= 2, { error: 'expected at most one *' });

const groupGrant = strict({
  group: groupName,
  role: z.enum(ROLES).default('customer'),
  machines: z.array(z.string().min(1).max(256)).default([]),
});

/** What the sources of people have in common: how names and groups become ours. */
export const remoteSourceFields = {
  /** Before each name, so that no source's `anna` is another's. */
  prefix: z
    .string()
    .regex(/^[\w.:@/\\-]{0,32}$/, {
      error: 'expected letters, digits and . _ : @ / \\ -, at most 32',
    })
    .default(''),
  requireGroup: z.string().min(1).optional(),
  groups: z.array(groupGrant).default([]),
  defaultRole: z.enum(['customer', 'none']).default('none'),
  /** Certificates in PEM, the only ones trusted then. No secret, but it may come from a file as one does. */
  ca: certificates().optional(),
  /** Seconds for one call to it. */
  timeout: z.number().min(0.1).max(60).default(TIMEOUT),
};

/** Somebody has to be able to come in, or the source was not meant so. */
export function letsSomebodyIn(
  source: { readonly groups: readonly unknown[]; readonly defaultRole: string },
  context: z.RefinementCtx,
): void {
  if (source.groups.length > 0 || source.defaultRole !== 'none') return;
  const message = 'nobody could sign in: add groups, or set defaultRole to customer';
  context.addIssue({ code: 'custom', path: ['groups'], message });
}

interface Prefixed {
  readonly id: string;
  readonly prefix: string;
}

/** Two sources with one prefix could give two people one name. */
export function distinctPrefixes(
  config: { readonly oidc: readonly Prefixed[]; readonly ldap: readonly Prefixed[] },
  context: z.RefinementCtx,
): void {
  const known = new Map<string, string>();
  for (const type of ['oidc', 'ldap'] as const) {
    for (const [index, { id, prefix }] of config[type].entries()) {
      const other = known.get(prefix.toLowerCase());
      if (other !== undefined) {
        const message = `expected another one than ${other} has, whose names would be the same`;
        context.addIssue({ code: 'custom', path: [type, index, 'prefix'], message });
      }
      known.set(prefix.toLowerCase(), `${type} ${id}`);
    }
  }
}
