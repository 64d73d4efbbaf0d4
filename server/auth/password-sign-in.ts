import { type GatewayError, toGatewayError } from '../errors.ts';
import type { Logger } from '../log.ts';
import type { Accounts } from './accounts.ts';
import type { Principal } from './principal.ts';
import type { LdapDirectory } from './remote/ldap-directory.ts';
import { type RemotePerson, sourceName } from './remote/remote-identity.ts';
import type { RemoteUsers } from './remote/remote-users.ts';

/**
 * Whom a name and a password belong to: the local account of that name if there is one, else the
 * first directory that takes them. A name with a directory's prefix is for that directory alone.
 */
export class PasswordSignIn {
  readonly #accounts: Accounts;
  readonly #remoteUsers: RemoteUsers;
  readonly #directories: readonly LdapDirectory[];
  readonly #log: Logger;

  constructor(parts: {
    readonly accounts: Accounts;
    readonly remoteUsers: RemoteUsers;
    readonly directories: readonly LdapDirectory[];
    readonly log: Logger;
  }) {
    this.#accounts = parts.accounts;
    this.#remoteUsers = parts.remoteUsers;
    this.#directories = parts.directories;
    this.#log = parts.log;
  }

  /**
   * Undefined for a wrong name or password.
   *
   * @throws GatewayError `not_permitted`, `name_taken`; `sign_in_unavailable` where no directory that
   * might know answers.
   */
  async signIn(username: string, password: string): Promise<Principal | undefined> {
    if (this.#accounts.user(username)) return this.#accounts.signIn(username, password);
    // A local name's wrong password takes its time too.
    const [found] = await Promise.all([
      this.#remote(username, password),
      this.#accounts.signIn(username, password),
    ]);
    return found;
  }

  async #remote(username: string, password: string): Promise<Principal | undefined> {
    let refused = false;
    let unavailable: GatewayError | undefined;
    for (const { directory, name } of this.#asked(username)) {
      let person: RemotePerson | undefined;
      try {
        person = await directory.signIn(name, password);
        refused ||= person === undefined;
      } catch (error) {
        unavailable = toGatewayError(error);
        const source = sourceName(directory.ref);
        this.#log.warn({ source, err: unavailable, cause: unavailable.cause }, 'directory failed');
      }
      if (person) return this.#remoteUsers.admit(directory.ref, person);
    }
    // What one of them has refused is a wrong try, and counts as one, while another one is down.
    if (unavailable && !refused) throw unavailable;
    return undefined;
  }

  #asked(username: string): { directory: LdapDirectory; name: string }[] {
    const meant = this.#directories.filter(
      ({ prefix }) => prefix !== '' && username.toLowerCase().startsWith(prefix.toLowerCase()),
    );
    if (meant.length === 0) {
      return this.#directories.map((directory) => ({ directory, name: username }));
    }
    return meant.map((directory) => ({ directory, name: username.slice(directory.prefix.length) }));
  }
}
