import type { GatewayError } from '../errors.ts';

/** Credentials that a remote has refused, which are not tried again at once: some lock accounts. */
export class HeldRefusal {
  readonly #now: () => number;
  readonly #hold: number;
  #held: { readonly error: GatewayError; readonly until: number } | null = null;

  /** @param hold for how long they are not tried. ms */
  constructor(now: () => number, hold: number) {
    this.#now = now;
    this.#hold = hold;
  }

  /** @throws GatewayError the refusal, while it is held. */
  check(): void {
    if (this.#held && this.#held.until > this.#now()) throw this.#held.error;
  }

  /** Gives the error back; one that says nothing of credentials is not held. */
  note(error: GatewayError): GatewayError {
    if (error.status === 'provider_refused' || error.status === 'bmc_account_locked') {
      this.#held = { error, until: this.#now() + this.#hold };
    }
    return error;
  }
}
