import { randomUUID } from 'node:crypto';
import type { LdapConfig } from '../../config/ldap.ts';
import { GatewayError } from '../../errors.ts';
import { foldGroup } from './fold-group.ts';
import { ID_ATTRIBUTES, LdapConnection, type LdapEntry } from './ldap-connection.ts';
import type { RemotePerson, SourceRef } from './remote-identity.ts';

/** A directory that is asked whether a password is right, and for groups. */
export class LdapDirectory {
  readonly ref: SourceRef;
  readonly prefix: string;
  readonly #config: LdapConfig;

  constructor(config: LdapConfig) {
    this.ref = { type: 'ldap', id: config.id };
    this.prefix = config.prefix;
    this.#config = config;
  }

  /**
   * Whom this name and password belong to; undefined where one of them is wrong, and as soon for
   * either.
   *
   * @throws GatewayError `sign_in_unavailable`
   */
  async signIn(username: string, password: string): Promise<RemotePerson | undefined> {
    if (password === '') return undefined;
    try {
      return await LdapConnection.use(this.#config, async (ldap) => {
        await this.#bind(ldap);
        const entry = await this.#find(ldap, username);
        const dn = entry?.dn ?? `cn=${randomUUID()},${this.#config.userBase}`;
        if (!(await ldap.isPassword(dn, password)) || !entry) return undefined;
        const name = entry.values(this.#config.nameAttribute)[0] ?? '';
        return { subject: entry.id, name, groups: await this.#groupsOf(ldap, entry, name) };
      });
    } catch (cause) {
      const message = `ldap ${this.ref.id} does not answer as it should`;
      throw new GatewayError('sign_in_unavailable', message, { cause });
    }
  }

  /** Connects, binds and looks at what is configured. @throws what is wrong with it. */
  async examine(): Promise<void> {
    const { userBase, groupBase } = this.#config;
    await LdapConnection.use(this.#config, async (ldap) => {
      await this.#bind(ldap);
      for (const base of [userBase, groupBase ?? userBase]) {
        await ldap.search(base, '(objectClass=*)', {}, ['1.1'], 'base');
      }
    });
  }

  #bind(ldap: LdapConnection): Promise<void> {
    return ldap.bind(this.#config.bindDn, this.#config.bindPassword);
  }

  /** Nobody, where a name means several people. */
  async #find(ldap: LdapConnection, username: string): Promise<LdapEntry | undefined> {
    const { userBase, userFilter, nameAttribute, memberOf } = this.#config;
    const found = await ldap.search(userBase, userFilter, { username }, [
      ...[nameAttribute, memberOf],
      ...ID_ATTRIBUTES,
    ]);
    return found.length === 1 ? found[0] : undefined;
  }

  /** By their DNs; those that were searched for also by their names. */
  async #groupsOf(ldap: LdapConnection, entry: LdapEntry, name: string): Promise<string[]> {
    const { groupBase, groupFilter, memberOf } = this.#config;
    const groups = entry.values(memberOf);
    if (groupBase !== undefined) {
      // A person may not always read what groups there are.
      await this.#bind(ldap);
      const found = await ldap.search(groupBase, groupFilter, { dn: entry.dn, name }, ['cn']);
      groups.push(...found.flatMap((group) => [group.dn, ...group.values('cn')]));
    }
    return groups.map(foldGroup);
  }
}
