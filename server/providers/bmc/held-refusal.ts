import type { GatewayError } from '../../errors.ts';

/** BMCs lock an account after a few wrong passwords: we do not hurry. ms */
const REFUSED_MS = 300_000;

/** Credentials that a BMC has refused, which are not tried again at once. */
export class HeldRefusal {
  readonly #now: () => number;
  #held: { readonly error: GatewayError; readonly until: number } | null = null;

  constructor(now: () => number) {
    this.#now = now;
  }

  /** @throws GatewayError the refusal, while it is held. */
  check(): void {
    if (this.#held && this.#held.until > this.#now()) throw this.#held.error;
  }

  /** Gives the error back; one that says nothing of credentials is not held. */
  note(error: GatewayError): GatewayError {
    if (error.status === 'provider_refused' || error.status === 'bmc_account_locked') {
      this.#held = { error, until: this.#now() + REFUSED_MS };
    }
    return error;
  }
}
