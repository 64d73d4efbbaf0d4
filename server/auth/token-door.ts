import { createHash } from 'node:crypto';
import type { TryLimit } from '../platform/try-limit.ts';
import type { ApiTokens } from './api-tokens.ts';
import { callerOf } from '../platform/client-address.ts';
import type { Principal } from './principal.ts';

/** Tokens that were right at their address lately, at most; the oldest are forgotten. */
const KNOWN = 10_000;

/**
 * Takes API tokens, and no more than a few wrong ones from one address. A token that has been right at
 * that address stays so: a portal's server goes on while another script there knocks with an old one.
 */
export class TokenDoor {
  readonly #tokens: Pick<ApiTokens, 'holder'>;
  readonly #wrong: TryLimit;
  readonly #known = new Set<string>();

  /** @param wrong by address. */
  constructor(tokens: Pick<ApiTokens, 'holder'>, wrong: TryLimit) {
    this.#tokens = tokens;
    this.#wrong = wrong;
  }

  /**
   * Who brings this token; undefined for one that is not known.
   *
   * @throws GatewayError `rate_limited`, `redis_unavailable`
   */
  async holder(token: string, address: string): Promise<Principal | undefined> {
    const caller = callerOf(address);
    const mark = createHash('sha256').update(`${caller}\n${token}`).digest('base64url');
    const words = 'too many wrong tokens from here';
    const holder = await this.#tokens.holder(token);
    if (!holder) {
      this.#known.delete(mark);
      await this.#wrong.take(caller, words);
    } else if (!this.#known.has(mark)) {
      await this.#wrong.check(caller, words);
      this.#remember(mark);
    }
    return holder;
  }

  #remember(mark: string): void {
    this.#known.add(mark);
    const [oldest] = this.#known;
    if (this.#known.size > KNOWN && oldest !== undefined) this.#known.delete(oldest);
  }
}
