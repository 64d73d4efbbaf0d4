import type { Role } from '../contract/index.ts';

/** Who asks: a signed-in user or an API token. */
export interface Principal {
  readonly name: string;
  readonly role: Role;
  readonly via: 'session' | 'token';
  /** Patterns of machines that are theirs to use besides those that they own: `hetzner:*`. */
  readonly machines: readonly string[];
}
