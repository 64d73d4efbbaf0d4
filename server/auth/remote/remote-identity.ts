import type { Role } from '../../contract/index.ts';

/** A configured place that knows people: `oidc` or `ldap`, and its id there. */
export interface SourceRef {
  readonly type: 'oidc' | 'ldap';
  readonly id: string;
}

/** Somebody whom a source knows, as their groups were mapped when they signed in. */
export interface RemoteIdentity {
  readonly source: SourceRef;
  readonly name: string;
  readonly role: Role;
  readonly machines: readonly string[];
  /** Milliseconds since the epoch. The source is asked again by then: it may have changed its mind. */
  readonly until: number;
}

/** Whom a source has just recognised. */
export interface RemotePerson {
  /** Theirs alone for ever, whatever they are called; null where the source has no such thing. */
  readonly subject: string | null;
  /** As the source writes it, without the prefix of the configuration. */
  readonly name: string;
  readonly groups: readonly string[];
}

/** For the log and the audit trail: `ldap corp`. */
export function sourceName({ type, id }: SourceRef): string {
  return `${type} ${id}`;
}
