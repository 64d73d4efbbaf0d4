import type { ApiTokenView, CreateApiTokenRequest, CreatedApiToken } from '../contract/index.ts';
import { GatewayError } from '../errors.ts';
import type { Logger } from '../log.ts';
import type { Accounts } from './accounts.ts';
import type { ApiTokenStore } from './api-token-store.ts';
import { type ApiToken, hashOfToken, idOfToken, newToken, opens } from './api-token.ts';
import type { Principal } from './principal.ts';

/** Tokens that one user may have at a time. */
const LIMIT = 100;
/** The last use is noted at most this often, by each replica. Milliseconds. */
const NOTE_EVERY = 60_000;

export interface ApiTokensParts {
  readonly store: ApiTokenStore;
  readonly accounts: Pick<Accounts, 'user' | 'tokenHolder'>;
  readonly log: Logger;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/**
 * API tokens: those of the configuration, and those that users make for themselves. One of theirs may
 * do what its owner may at that moment, less what its scope leaves out.
 */
export class ApiTokens {
  readonly #parts: ApiTokensParts;
  readonly #notedAt = new Map<string, number>();

  constructor(parts: ApiTokensParts) {
    this.#parts = parts;
  }

  /**
   * Who brings this token; undefined for one that is not known, revoked, or whose owner is gone.
   * Redis is asked once, and not at all for a token of the configuration.
   *
   * @throws GatewayError `redis_unavailable`
   */
  async holder(presented: string): Promise<Principal | undefined> {
    const { store, accounts, now } = this.#parts;
    const id = idOfToken(presented);
    if (id === undefined) return accounts.tokenHolder(presented);
    const token = await store.find(id);
    const owner = token && accounts.user(token.owner);
    if (!owner || !opens(token, presented, now())) return undefined;
    this.#note(token);
    const { actions, machines } = token;
    return { ...owner, via: 'token', scope: { actions, machines, personal: true } };
  }

  /** What another directory says of somebody is known when they sign in, and no longer. */
  mayHave(owner: Principal): boolean {
    return this.#parts.accounts.user(owner.name) !== undefined;
  }

  /**
   * Makes a token for a user of the configuration. The answer alone holds it.
   *
   * @throws GatewayError `forbidden` for anybody else, `api_token_limit`
   */
  async create(owner: Principal, wanted: CreateApiTokenRequest): Promise<CreatedApiToken> {
    const { store, now } = this.#parts;
    if (!this.mayHave(owner)) {
      const message = `${owner.name} is no user of the configuration and cannot have tokens`;
      throw new GatewayError('forbidden', message);
    }
    const { name, actions = null, machines = null, expiresIn } = wanted;
    const { id, token } = newToken();
    const createdAt = now();
    const kept: ApiToken = {
      id,
      name,
      owner: owner.name,
      hash: hashOfToken(token),
      actions,
      machines,
      createdAt,
      expiresAt: expiresIn === undefined ? null : createdAt + expiresIn * 1000,
    };
    if (!(await store.create(kept, LIMIT, createdAt))) {
      throw new GatewayError('api_token_limit', `${owner.name} has ${LIMIT} tokens already`);
    }
    return { ...this.#view(kept, null), token };
  }

  /** One owner's, or all of them where it is null; oldest first. */
  async list(owner: string | null): Promise<ApiTokenView[]> {
    const found = await this.#parts.store.list(owner);
    return found
      .map(({ token, usedAt }) => this.#view(token, usedAt))
      .toSorted((a, b) => (ageOf(a) < ageOf(b) ? -1 : 1));
  }

  /** @throws GatewayError `api_token_not_found` */
  async get(id: string): Promise<ApiToken> {
    const token = await this.#parts.store.find(id);
    if (!token) throw new GatewayError('api_token_not_found', 'there is no such API token');
    return token;
  }

  /** From now on it opens nothing, on every replica. */
  async revoke(token: ApiToken): Promise<void> {
    await this.#parts.store.remove(token);
    this.#notedAt.delete(token.id);
  }

  /** Nobody waits for it, and a note that is lost is no loss. */
  #note(token: ApiToken): void {
    const at = this.#parts.now();
    if (at - (this.#notedAt.get(token.id) ?? -Infinity) < NOTE_EVERY) return;
    this.#notedAt.set(token.id, at);
    this.#parts.store.markUsed(token, at).catch((error: unknown) => {
      this.#parts.log.warn({ token: token.id, err: error }, 'the use of a token was not noted');
    });
  }

  #view(token: ApiToken, usedAt: number | null): ApiTokenView {
    const { id, name, owner, actions, machines, createdAt, expiresAt } = token;
    return {
      id,
      name,
      owner,
      role: this.#parts.accounts.user(owner)?.role ?? null,
      actions: actions && [...actions],
      machines: machines && [...machines],
      createdAt: new Date(createdAt).toISOString(),
      expiresAt: expiresAt === null ? null : new Date(expiresAt).toISOString(),
      lastUsedAt: usedAt === null ? null : new Date(usedAt).toISOString(),
    };
  }
}

/** Orders views by age and, within a millisecond, by id. */
export function ageOf({ createdAt, id }: ApiTokenView): string {
  return `${createdAt} ${id}`;
}
