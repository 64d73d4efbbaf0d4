import { GatewayError } from '../../../errors.ts';
import { parseUrl } from '../../../platform/parse-url.ts';
import type { Secret } from '../../../secret.ts';
import type { HeldRefusal } from '../../held-refusal.ts';
import type { RemoteHttp } from '../../remote-http.ts';
import { whileWaited } from '../../while-waited.ts';
import { faultOf } from './fault.ts';

export interface RedfishSessionParts {
  /** Whose errors these are. */
  readonly name: string;
  readonly http: RemoteHttp;
  readonly username: string;
  readonly password: Secret;
  /** Shared by all who have the same credentials. */
  readonly refusal: HeldRefusal;
  /** For something that lasts: it is not logged out while nobody calls, and has cookies, too. */
  readonly lasting?: true;
}

/** What a call shows, and where its session is, to be ended there. */
export interface Pass {
  readonly headers: Readonly<Record<string, string>>;
  readonly location?: string;
  /** What a browser would be given, by name, where they were asked for and the BMC has any. */
  readonly cookies?: Readonly<Record<string, string>>;
}

const SESSIONS = '/redfish/v1/SessionService/Sessions';
/** Longer than the time between two looks at a BMC, so that its log is not full of ours. ms */
const IDLE_MS = 150_000;
/** A gateway that stops does not wait longer for a BMC that is away. ms */
const LOG_OUT_MS = 2000;
/** There is no session service. */
const NO_SESSIONS: ReadonlySet<number> = new Set([404, 405, 501]);

/**
 * One session at a BMC, which allows a handful (DSP0266, "Redfish session login authentication"): shared
 * by all calls, and logged out when nobody calls any more. Where a BMC has no sessions, each call brings
 * name and password.
 */
export class RedfishSession {
  readonly #parts: RedfishSessionParts;
  #pass: Promise<Pass> | null = null;
  #idle: NodeJS.Timeout | undefined;

  constructor(parts: RedfishSessionParts) {
    this.#parts = parts;
  }

  /** @throws GatewayError `provider_refused`, `bmc_account_locked`, `bmc_slots_full`, `bmc_unavailable` */
  async pass(signal?: AbortSignal): Promise<Pass> {
    this.#parts.refusal.check();
    // All who wait share one login, so no single one's signal may end it.
    this.#pass ??= this.#logIn().catch((error: unknown) => {
      this.#pass = null;
      throw error;
    });
    clearTimeout(this.#idle);
    if (!this.#parts.lasting) this.#idle = setTimeout(() => void this.logOut(), IDLE_MS);
    return whileWaited(this.#pass, signal);
  }

  /** This pass is not taken any more. One that somebody has renewed already stays. */
  async forget(stale: Pass): Promise<void> {
    const pending = this.#pass;
    const current = await pending?.catch(() => null);
    if (current === stale && this.#pass === pending) this.#pass = null;
  }

  /** Frees the session's place. Never throws. */
  async logOut(): Promise<void> {
    clearTimeout(this.#idle);
    const pass = await this.#pass?.catch(() => null);
    this.#pass = null;
    if (pass?.location === undefined) return;
    const { headers, location } = pass;
    const signal = AbortSignal.timeout(LOG_OUT_MS);
    await this.#parts.http
      .call(location, { method: 'DELETE', headers, signal })
      .catch(() => undefined);
  }

  async #logIn(): Promise<Pass> {
    const { name, http, username, password, lasting } = this.#parts;
    const answer = await http.call(SESSIONS, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        // OpenBMC gives cookies to whoever shows to be no form of another site.
        ...(lasting && { 'x-requested-with': 'XMLHttpRequest' }),
      },
      body: JSON.stringify({ UserName: username, Password: password.reveal() }),
    });
    const token = answer.headers['x-auth-token'];
    if (answer.status < 300 && typeof token === 'string') {
      const location = pathOf(answer.headers['location']);
      const cookies = lasting && cookiesOf(answer.headers['set-cookie']);
      return {
        headers: { 'x-auth-token': token },
        ...(location && { location }),
        ...(cookies && { cookies }),
      };
    }
    if (NO_SESSIONS.has(answer.status)) {
      const basic = Buffer.from(`${username}:${password.reveal()}`).toString('base64');
      return { headers: { authorization: `Basic ${basic}` } };
    }
    if (answer.status < 300) {
      throw new GatewayError('bmc_unavailable', `${name} begins a session without a token`);
    }
    throw this.#parts.refusal.note(faultOf(name, answer));
  }
}

function cookiesOf(lines: string | string[] = []): Record<string, string> {
  const pairs = [lines].flat().map((line) => /^([^=;]+)=([^;]*)/.exec(line));
  return Object.fromEntries(
    pairs.flatMap((pair) => (pair ? [[pair[1] ?? '', pair[2] ?? '']] : [])),
  );
}

/** Some BMCs tell the whole URL. */
function pathOf(location: string | string[] | undefined): string | undefined {
  if (typeof location !== 'string') return undefined;
  const path = parseUrl(location)?.pathname ?? location;
  return path.startsWith('/redfish/v1/') ? path : undefined;
}
