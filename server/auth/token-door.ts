import { callerOf } from '../platform/client-address.ts';
import type { TryLimit } from '../platform/try-limit.ts';
import type { ApiTokens } from './api-tokens.ts';
import type { Principal } from './principal.ts';

/**
 * Takes API tokens, and no more than a few wrong ones from one address. A right one is never refused
 * for others' wrong ones: nobody comes to 256 bits by trying.
 */
export class TokenDoor {
  readonly #tokens: Pick<ApiTokens, 'holder'>;
  readonly #wrong: Pick<TryLimit, 'take'>;

  /** @param wrong by address. */
  constructor(tokens: Pick<ApiTokens, 'holder'>, wrong: Pick<TryLimit, 'take'>) {
    this.#tokens = tokens;
    this.#wrong = wrong;
  }

  /**
   * Who brings this token; undefined for one that is not known.
   *
   * @throws GatewayError `rate_limited` for one too many that is not known, `redis_unavailable`
   */
  async holder(token: string, address: string): Promise<Principal | undefined> {
    const holder = await this.#tokens.holder(token);
    if (!holder) await this.#wrong.take(callerOf(address), 'too many wrong tokens from here');
    return holder;
  }
}
