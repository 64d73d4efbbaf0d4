import type { Action, Role } from '../contract/index.ts';
import type { RemoteIdentity } from './remote/remote-identity.ts';

/** What an API token is limited to; null is no limit. */
export interface TokenScope {
  readonly actions: readonly Action[] | null;
  /** Patterns of machines: `hetzner:*`. */
  readonly machines: readonly string[] | null;
  /** Whether a person has made it for themselves: what holds for their sessions holds for it. */
  readonly personal: boolean;
}

/** Who asks: a signed-in user, an API token, or a portal that has signed a link. */
export interface Principal {
  readonly name: string;
  readonly role: Role;
  readonly via: 'session' | 'token' | 'launch';
  /** Patterns of machines that are theirs to use besides those that they own: `hetzner:*`. */
  readonly machines: readonly string[];
  /** Takes away from what the name and the role may do; null for whoever is not limited. */
  readonly scope: TokenScope | null;
  /** For whom a source outside knows; absent for accounts of the configuration. */
  readonly remote?: RemoteIdentity;
}
