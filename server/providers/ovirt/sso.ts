import { GatewayError } from '../../errors.ts';
import type { Secret } from '../../secret.ts';
import { HeldRefusal } from '../held-refusal.ts';
import { RemoteFault, faultOfStatus } from '../remote-fault.ts';
import type { RemoteHttp } from '../remote-http.ts';
import { whileWaited } from '../while-waited.ts';
import { ssoReply } from './replies.ts';

export interface OvirtSsoParts {
  readonly name: string;
  readonly http: RemoteHttp;
  readonly username: string;
  readonly password: Secret;
  readonly now: () => number;
}

/** An account of the engine's is locked after a few wrong passwords: we do not hurry. ms */
const REFUSED_MS = 60_000;
/** A gateway that stops does not wait longer for an engine that is away. ms */
const SIGN_OUT_MS = 2000;

/**
 * The engine's single sign-on: a bearer token that lives while it is used, without a refresh token;
 * whoever is told 401 with it signs in anew.
 */
export class OvirtSso {
  readonly #parts: OvirtSsoParts;
  readonly #refusal: HeldRefusal;
  readonly #stopped = new AbortController();
  #token: Promise<string> | null = null;

  constructor(parts: OvirtSsoParts) {
    this.#parts = parts;
    this.#refusal = new HeldRefusal(parts.now, REFUSED_MS);
  }

  /** Signs in unless somebody has. @throws GatewayError `provider_unavailable`, `provider_refused` */
  async token(signal?: AbortSignal): Promise<string> {
    this.#refusal.check();
    // All who wait share one sign-in, so no single one's signal may end it.
    this.#token ??= this.#signIn().catch((error: unknown) => {
      this.#token = null;
      throw error;
    });
    return whileWaited(this.#token, signal);
  }

  /** This token is not taken any more. One that somebody has renewed already stays. */
  async forget(stale: string): Promise<void> {
    const pending = this.#token;
    const current = await pending?.catch(() => null);
    if (current === stale && this.#token === pending) this.#token = null;
  }

  /** Ends the session at the engine, which counts them. Never throws. */
  async signOut(): Promise<void> {
    this.#stopped.abort();
    const token = await this.#token?.catch(() => null);
    this.#token = null;
    if (!token) return;
    await this.#parts.http
      .call('/services/sso-logout', {
        ...form({ scope: 'ovirt-app-api', token }),
        signal: AbortSignal.timeout(SIGN_OUT_MS),
      })
      .catch(() => undefined);
  }

  async #signIn(): Promise<string> {
    const { name, http, username, password } = this.#parts;
    const answer = await http.call('/sso/oauth/token', {
      ...form({
        grant_type: 'password',
        scope: 'ovirt-app-api',
        username,
        password: password.reveal(),
      }),
      signal: this.#stopped.signal,
    });
    if (answer.status >= 500 || answer.status === 404) {
      const message = `${name} does not let the gateway sign in: HTTP ${answer.status}`;
      throw new GatewayError('provider_unavailable', message, {
        cause: faultOfStatus(answer.status),
      });
    }
    const reply = http.parse(ssoReply, answer);
    if ('access_token' in reply) return reply.access_token;
    // Some versions answer a wrong password with 200, so the status says nothing here.
    const message = `${name} refuses the configured username or password (${reply.error})`;
    const cause = new RemoteFault('CREDENTIALS');
    throw this.#refusal.note(new GatewayError('provider_refused', message, { cause }));
  }
}

function form(fields: Record<string, string>) {
  return {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams(fields).toString(),
  } as const;
}
