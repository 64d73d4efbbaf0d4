import { createHash, timingSafeEqual } from 'node:crypto';
import { hash, verify } from '@node-rs/argon2';
import type { Action, Role } from '../contract/index.ts';
import type { Secret } from '../secret.ts';
import type { Principal } from './principal.ts';

export interface UserAccount {
  readonly name: string;
  readonly role: Role;
  /** argon2id, PHC string format. */
  readonly passwordHash: Secret;
}

export interface TokenAccount {
  readonly name: string;
  readonly role: Role;
  /** Its scope; absent is all that the role may do. */
  readonly actions?: readonly Action[] | undefined;
  readonly machines?: readonly string[] | undefined;
  /** sha256 of the token, hex. */
  readonly tokenHash: Secret;
}

/** The users and API tokens of the configuration. */
export class Accounts {
  readonly #users: ReadonlyMap<string, UserAccount>;
  readonly #tokens: readonly { account: TokenAccount; hash: Buffer }[];
  /** Verified where there is no such user, so that the answer takes as long. */
  readonly #nobodysHash: Promise<string> = hash('nobody has this password');

  constructor(users: readonly UserAccount[], tokens: readonly TokenAccount[]) {
    this.#users = new Map(users.map((user) => [user.name, user]));
    this.#tokens = tokens.map((account) => ({
      account,
      hash: Buffer.from(account.tokenHash.reveal(), 'hex'),
    }));
  }

  /** The user with this name and password; undefined for a wrong one of either. */
  async signIn(name: string, password: string): Promise<Principal | undefined> {
    const user = this.#users.get(name);
    const expected = user?.passwordHash.reveal() ?? (await this.#nobodysHash);
    const matches = await verify(expected, password).catch(() => false);
    return user && matches ? principalOf(user) : undefined;
  }

  /** Changes with the user's password; undefined for nobody. Tells nothing of either. */
  mark(name: string): string | undefined {
    const user = this.#users.get(name);
    return user && createHash('sha256').update(user.passwordHash.reveal()).digest('base64url');
  }

  /** The user of a session, as the configuration knows them today. */
  user(name: string): Principal | undefined {
    const user = this.#users.get(name);
    return user && principalOf(user);
  }

  /** The holder of an API token. Every token is compared, in constant time. */
  tokenHolder(token: string): Principal | undefined {
    const presented = createHash('sha256').update(token).digest();
    const found = this.#tokens.filter(({ hash: known }) => timingSafeEqual(known, presented))[0];
    if (!found) return undefined;
    const { name, role, actions = null, machines = null } = found.account;
    return {
      name,
      role,
      via: 'token',
      machines: [],
      scope: { actions, machines, personal: false },
    };
  }
}

function principalOf({ name, role }: UserAccount): Principal {
  return { name, role, via: 'session', machines: [], scope: null };
}
