import type { Config } from '../../config.ts';
import { foldGroup } from './fold-group.ts';
import { RemoteUsers } from './remote-users.ts';

/** The people of the configuration's sources. */
export function remoteUsersOf(config: Config, now: () => number): RemoteUsers {
  const oidc = config.oidc.map((source) => ({
    ...source,
    ref: { type: 'oidc' as const, id: source.id },
  }));
  const ldap = config.ldap.map((source) => ({
    ...source,
    ref: { type: 'ldap' as const, id: source.id },
    requireGroup: source.requireGroup && foldGroup(source.requireGroup),
    groups: source.groups.map((grant) => ({ ...grant, group: foldGroup(grant.group) })),
  }));
  const reserved = [...config.users, ...config.apiTokens].map(({ name }) => name);
  return new RemoteUsers({ sources: [...oidc, ...ldap], reserved, now });
}
