import { z } from 'zod';
import { configId, secret, strict } from '../providers/config-fields.ts';
import { isLoopback } from '../platform/loopback.ts';
import { letsSomebodyIn, remoteSourceFields } from './remote-source.ts';

const url = z
  .url({ protocol: /^ldaps?$/, error: 'expected ldaps:// or ldap://' })
  .transform((text) => new URL(text))
  .refine((each) => /^\/?$/.test(each.pathname) && !each.search && !each.username, {
    error: 'expected scheme, host and port only',
  });

/** A filter of RFC 4515 with this placeholder in it. */
const filter = (...placeholders: string[]) =>
  z
    .string()
    .regex(/^\(.*\)$/s, { error: 'expected a filter in parentheses' })
    .refine((text) => placeholders.some((each) => text.includes(each)), {
      error: `expected ${placeholders.join(' or ')} in it`,
    });
const attribute = z.string().regex(/^[A-Za-z][A-Za-z0-9;.-]*$/, { error: 'expected an attribute' });

/** A directory that is asked for passwords and groups. */
export const ldapSource = strict({
  id: configId(),
  url,
  startTls: z.boolean().default(false),
  /** The service account that finds people; absent: an anonymous search. */
  bindDn: z.string().min(1).optional(),
  bindPassword: secret().optional(),
  userBase: z.string().min(1),
  userFilter: filter('{username}').default('(uid={username})'),
  nameAttribute: attribute.default('uid'),
  /** Whose values are the DNs of groups. */
  memberOf: attribute.default('memberOf'),
  /** Where groups are searched; absent: `memberOf` alone counts. */
  groupBase: z.string().min(1).optional(),
  groupFilter: filter('{dn}', '{name}').default('(member={dn})'),
  ...remoteSourceFields,
})
  .superRefine(letsSomebodyIn)
  .superRefine((source, context) => {
    const fault = (path: string, message: string): void =>
      context.addIssue({ code: 'custom', path: [path], message });
    const encrypted = source.url.protocol === 'ldaps:' || source.startTls;
    if (!encrypted && !isLoopback(source.url.hostname)) {
      fault('url', 'expected ldaps://, or startTls: passwords would be readable on their way');
    }
    if (source.url.protocol === 'ldaps:' && source.startTls) {
      fault('startTls', 'expected with ldap:// alone, ldaps:// is encrypted from the start');
    }
    if ((source.bindDn === undefined) !== (source.bindPassword === undefined)) {
      fault('bindPassword', 'expected bindDn and bindPassword together');
    }
  });
export type LdapConfig = z.output<typeof ldapSource>;
