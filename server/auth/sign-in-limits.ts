import type { Redis } from '../platform/redis.ts';
import { TryLimit } from '../platform/try-limit.ts';
import { callerOf } from '../platform/client-address.ts';
import { foldedName } from './folded-name.ts';

/** From where somebody tries: their address, and the known device's id where they come with one. */
export interface Whence {
  readonly address: string;
  readonly device: string | undefined;
}

/** An account takes so many times as many wrong tries as one address may make. */
const ADDRESSES = 10;

/**
 * How often people may be wrong, on all replicas together; why so: docs/sign-in.md.
 *
 * - A browser in which the account's user has signed in before has tries of its own.
 * - Anybody else: a few by their address, whatever the accounts, and many by the account, wherever
 *   they come from. Who is refused by their address counts no more against the account.
 * - One-time codes: a few by the account. Only who knows its password comes that far.
 */
export class SignInLimits {
  readonly #device: TryLimit;
  readonly #address: TryLimit;
  readonly #account: TryLimit;
  readonly #code: TryLimit;

  constructor(redis: Redis, { tries, window }: { tries: number; window: number }) {
    const limit = (name: string, times = 1) =>
      new TryLimit(redis, { name, tries: tries * times, windowMs: window * 1000 });
    this.#device = limit('sign-in-device');
    this.#address = limit('sign-in-address');
    this.#account = limit('sign-in-account', ADDRESSES);
    this.#code = limit('sign-in-code');
  }

  /**
   * Looks at a try once it is counted, and gives it back unless it was wrong (undefined).
   *
   * @throws GatewayError `rate_limited`, before anything was looked at.
   */
  async password<T>(
    user: string,
    { address, device }: Whence,
    look: () => Promise<T | undefined>,
  ): Promise<T | undefined> {
    if (device !== undefined) {
      const words = 'too many wrong sign-ins from this browser';
      return counted(this.#device, device, words, look);
    }
    return counted(this.#address, callerOf(address), 'too many wrong sign-ins from here', () =>
      counted(this.#account, foldedName(user), 'too many wrong sign-ins for this account', look),
    );
  }

  /** The same for a one-time code of an account whose password was right. */
  code<T>(user: string, look: () => Promise<T | undefined>): Promise<T | undefined> {
    return counted(this.#code, user, 'too many wrong codes for this account', look);
  }
}

async function counted<T>(
  limit: TryLimit,
  id: string,
  words: string,
  look: () => Promise<T | undefined>,
): Promise<T | undefined> {
  await limit.take(id, words);
  let wrong = false;
  try {
    const found = await look();
    wrong = found === undefined;
    return found;
  } finally {
    // What failed on our side, or was not looked at for another limit's sake, was not wrong.
    if (!wrong) await limit.giveBack(id);
  }
}
