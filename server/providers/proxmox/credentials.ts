import { GatewayError } from '../../errors.ts';
import type { Secret } from '../../secret.ts';
import { HeldRefusal } from '../held-refusal.ts';
import { RemoteFault, faultOfStatus } from '../remote-fault.ts';
import type { RemoteAnswer, RemoteHttp } from '../remote-http.ts';
import { ticketReply } from './replies.ts';

/** How the gateway shows who it is, on calls and on WebSockets. */
export interface Credentials {
  /** For sentences. */
  readonly what: 'the API token' | 'the account';
  /** @throws GatewayError `provider_unavailable`, `provider_refused` */
  headers(): Promise<Readonly<Record<string, string>>>;
  /** They were refused with 401. False where there is no way to better ones. */
  renew(refused: Readonly<Record<string, string>>): Promise<boolean>;
}

/** An API token: it needs no sign-in, and no CSRF token. */
export function apiToken(token: Secret): Credentials {
  return {
    what: 'the API token',
    headers: async () => ({ authorization: `PVEAPIToken=${token.reveal()}` }),
    renew: async () => false,
  };
}

export interface AccountParts {
  readonly name: string;
  readonly http: RemoteHttp;
  readonly username: string;
  readonly password: Secret;
  readonly now: () => number;
}

interface Ticket {
  readonly value: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly since: number;
}

/** Tickets live two hours, or until an hour after the cluster's key was changed; browsers renew so, too. ms */
const RENEW_MS = 60 * 60_000;
/** A wrong password is not tried again at once: some realms lock accounts. ms */
const REFUSED_MS = 60_000;

/** An account that signs in by its password, and goes on with tickets. */
export class Account implements Credentials {
  readonly what = 'the account';
  readonly #parts: AccountParts;
  readonly #refusal: HeldRefusal;
  #ticket: Promise<Ticket> | null = null;

  constructor(parts: AccountParts) {
    this.#parts = parts;
    this.#refusal = new HeldRefusal(parts.now, REFUSED_MS);
  }

  async headers(): Promise<Readonly<Record<string, string>>> {
    const { now } = this.#parts;
    this.#refusal.check();
    const pending = (this.#ticket ??= this.#obtain(() => this.#signIn()));
    const ticket = await pending;
    if (now() - ticket.since < RENEW_MS) return ticket.headers;
    if (this.#ticket === pending) this.#ticket = this.#obtain(() => this.#prolong(ticket));
    return (await this.#ticket).headers;
  }

  async renew(refused: Readonly<Record<string, string>>): Promise<boolean> {
    const pending = this.#ticket;
    const current = await pending?.catch(() => null);
    // One that somebody has renewed already stays.
    if (current?.headers === refused && this.#ticket === pending) this.#ticket = null;
    return true;
  }

  /** All who wait share one sign-in, so no single one's signal may end it. */
  #obtain(how: () => Promise<Ticket>): Promise<Ticket> {
    const obtaining = how().catch((error: unknown) => {
      if (this.#ticket === obtaining) this.#ticket = null;
      throw error;
    });
    return obtaining;
  }

  /** A ticket takes the place of the password, which some realms are slow to look at. */
  async #prolong({ value }: Ticket): Promise<Ticket> {
    const answer = await this.#ask(value);
    return answer.status === 401 ? this.#signIn() : this.#read(answer);
  }

  async #signIn(): Promise<Ticket> {
    const { name, password } = this.#parts;
    const answer = await this.#ask(password.reveal());
    if (answer.status === 401) {
      const message = `${name} refuses the configured username or password`;
      const cause = new RemoteFault('CREDENTIALS');
      throw this.#refusal.note(new GatewayError('provider_refused', message, { cause }));
    }
    return this.#read(answer);
  }

  #ask(secret: string): Promise<RemoteAnswer> {
    const { http, username } = this.#parts;
    return http.call('/access/ticket', {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams({ username, password: secret }).toString(),
    });
  }

  #read(answer: RemoteAnswer): Ticket {
    const { name, http, now } = this.#parts;
    if (answer.status >= 300) {
      const message = `${name} does not let the gateway sign in: HTTP ${answer.status}`;
      const cause = faultOfStatus(answer.status);
      throw new GatewayError('provider_unavailable', message, { cause });
    }
    const { ticket, CSRFPreventionToken, NeedTFA } = http.parse(ticketReply, answer).data;
    if (NeedTFA) {
      const message = `${name} asks for a second factor: use an API token, or an account without one`;
      throw new GatewayError('provider_refused', message);
    }
    const headers = {
      cookie: `PVEAuthCookie=${encodeURIComponent(ticket)}`,
      CSRFPreventionToken,
    };
    return { value: ticket, headers, since: now() };
  }
}
