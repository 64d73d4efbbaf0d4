import type { Config } from '../../config.ts';
import type { Logger } from '../../log.ts';
import type { Accounts } from '../accounts.ts';
import { PasswordSignIn } from '../password-sign-in.ts';
import { foldGroup } from './fold-group.ts';
import type { KnownPeople } from './known-people.ts';
import { LdapDirectory } from './ldap-directory.ts';
import { OidcProvider } from './oidc-provider.ts';
import { RemoteUsers } from './remote-users.ts';

/** What main.ts composes of the places that know people: accounts here, directories, providers. */
export function identitySources(parts: {
  readonly config: Config;
  readonly accounts: Accounts;
  /** Without a trailing slash. */
  readonly publicUrl: string;
  readonly people: KnownPeople;
  readonly log: Logger;
  readonly now: () => number;
}) {
  const { config, accounts, publicUrl, log, now } = parts;
  const remoteUsers = remoteUsersOf(parts);
  const directories = config.ldap.map((source) => new LdapDirectory(source));
  return {
    remoteUsers,
    passwords: new PasswordSignIn({ accounts, remoteUsers, directories, log }),
    takesPasswords: config.users.length + directories.length > 0,
    oidcProviders: config.oidc.map((source) => {
      const redirectUri = `${publicUrl}/api/v1/login/oidc/${source.id}/callback`;
      return new OidcProvider(source, { redirectUri, now });
    }),
  };
}

function remoteUsersOf({
  config,
  people,
  now,
}: {
  readonly config: Config;
  readonly people: KnownPeople;
  readonly now: () => number;
}): RemoteUsers {
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
  return new RemoteUsers({ sources: [...oidc, ...ldap], reserved, people, now });
}
