import { GatewayError } from '../errors.ts';
import { callerOf } from '../platform/client-address.ts';
import type { Redis } from '../platform/redis.ts';
import { TryLimit } from '../platform/try-limit.ts';
import type { LinkedMachine } from '../providers/registry.ts';

/** Wrong tokens that are taken from one address in this time. */
const WRONG = { name: 'link', tries: 20, windowMs: 900_000 };
/** Consoles that one machine's token opens in this time: it may be used again and again. */
const OPENINGS = { name: 'link-opening', tries: 30, windowMs: 300_000 };

/** Characters; a longer token is none. */
const MAX_LENGTH = 256;

/** Old links in which a machine's own token is all that lets in. */
export class TokenLinks {
  readonly #find: (token: string) => Promise<LinkedMachine | undefined>;
  readonly #wrong: TryLimit;
  readonly #openings: TryLimit;

  /** `find` looks for the machine whose token it is. */
  constructor(redis: Redis, find: (token: string) => Promise<LinkedMachine | undefined>) {
    this.#find = find;
    this.#wrong = new TryLimit(redis, WRONG);
    this.#openings = new TryLimit(redis, OPENINGS);
  }

  /**
   * The machine to which a link's token leads.
   *
   * @throws GatewayError `launch_link_invalid`, `rate_limited` after too many wrong ones from this
   * address or too many consoles of this machine, `provider_unavailable`
   */
  async follow(token: string, address: string): Promise<LinkedMachine> {
    const caller = callerOf(address);
    await this.#wrong.take(caller, 'too many links that are not valid');
    const found = token.length > MAX_LENGTH ? undefined : await this.#find(token);
    if (!found)
      throw new GatewayError('launch_link_invalid', 'no machine has the token of this link');
    await this.#wrong.giveBack(caller);
    const { id } = found.machine;
    await this.#openings.take(id, `too many consoles of ${id} were opened by its link`);
    return found;
  }
}
