import { bulkhead } from 'cockatiel';
import type { StatusCode } from '../../contract/index.ts';
import { GatewayError } from '../../errors.ts';
import type { KvmJava, KvmRequest } from '../../providers/provider-context.ts';
import { RemoteFault } from '../../providers/remote-fault.ts';
import { type ByteBudget, type RemoteCall, RemoteHttp } from '../../providers/remote-http.ts';

export interface BoardOptions {
  readonly request: KvmRequest;
  readonly java: KvmJava;
  /** For signing in. ms */
  readonly loginMs: number;
  readonly signal: AbortSignal;
}

const ARCHIVE_BYTES = 64 * 1024 * 1024;
/** Of all archives of one console: they stay in memory while it is open. */
const ALL_ARCHIVES_BYTES = 128 * 1024 * 1024;
/** Of a JNLP file, and of the page after a sign-in. */
const TEXT_BYTES = 256 * 1024;
/** Archives that are fetched at a time. */
const AT_ONCE = 2;
/** As browsers bound them (RFC 6265, 6.1). */
const COOKIE_CHARACTERS = 4096;
/** For one archive, of which slow BMCs have several megabytes. ms */
const ANSWER_MS = 60_000;
/** Where makers sign out whose sign-in is there. */
const LOGOUT: Readonly<Record<string, string>> = {
  '/cgi/login.cgi': '/cgi/logout.cgi',
  '/rpc/WEBSES/create.asp': '/rpc/WEBSES/logout.asp',
  '/data/login': '/data/logout',
};
/** `'SESSION_COOKIE' : 'a1b2…'`, as pages say it to their own JavaScript. */
const COOKIE_IN_PAGE = /'?(\w{0,32}(?:session|SESSION)\w{0,32})'?\s{0,9}[:=]\s{0,9}'(\w{1,4096})'/;
/** What AMI's say in the place of a cookie. */
const NO_COOKIE = /^Failure_/;
const NO_SLOT = /^Failure_Session_Creation/;

/** The web interface of an old board as nojava-ipmi-kvm describes one: a sign-in, a cookie, a JNLP file. */
export class Board {
  readonly #options: BoardOptions;
  readonly #http: RemoteHttp;
  readonly #cookies = new Map<string, string>();
  readonly #places = bulkhead(AT_ONCE, Number.POSITIVE_INFINITY);
  readonly #budget: ByteBudget = { left: ALL_ARCHIVES_BYTES };
  #signedIn = false;

  constructor(options: BoardOptions) {
    this.#options = options;
    const { name, url, trust } = options.request;
    this.#http = new RemoteHttp({
      ...{ name: `${name}: the BMC`, base: url, ...trust, oldTls: true },
      ...{ timeout: ANSWER_MS, limit: ARCHIVE_BYTES },
      faults: { unavailable: 'bmc_unavailable', certificate: 'target_certificate_refused' },
    });
  }

  /**
   * @throws GatewayError `provider_refused`, `bmc_slots_full`, `kvm_login_timeout`, `kvm_page_changed`,
   * `bmc_unavailable`
   */
  async login(): Promise<void> {
    const { java, loginMs } = this.#options;
    if (!java.signIn) return;
    // A sign-in that was sent is not given up: nobody could sign out of what it has made.
    const limit = AbortSignal.timeout(loginMs);
    const call = { ...this.#form(), signal: limit };
    const { status, headers, text } = await this.#http
      .call(java.loginPath, { ...call, limit: TEXT_BYTES })
      .catch((error: unknown) => {
        if (!limit.aborted) throw this.#unlessTooBig(error, 'page after a sign-in');
        const what = `the BMC has not signed us in within ${Math.round(loginMs / 1000)} s`;
        throw this.#fault('kvm_login_timeout', what, error);
      });
    if (status === 401 || status === 403) throw this.#refused();
    if (status === 503) throw this.#full();
    if (status !== 200 && status !== 302 && status !== 303) {
      throw this.#fault('kvm_page_changed', `the BMC answers a sign-in with HTTP ${status}`);
    }
    this.#takeCookies([headers['set-cookie'] ?? []].flat());
    if (![...this.#cookies.keys()].some((key) => /session/i.test(key))) this.#findCookie(text);
    if (this.#cookies.size === 0) throw this.#refused();
    this.#signedIn = true;
  }

  /** The file by which the console's program starts. @throws GatewayError as `login` does. */
  async jnlp(): Promise<string> {
    const { java, signal } = this.#options;
    const headers = { ...this.#headers(), accept: '*/*' };
    const { status, text } = await this.#http
      .call(java.jnlpPath, { headers, signal, limit: TEXT_BYTES })
      .catch((error: unknown) => {
        throw this.#unlessTooBig(error, 'JNLP file');
      });
    if (status === 503) throw this.#full();
    if (status !== 200) {
      throw this.#fault('kvm_page_changed', `the BMC has no JNLP file (HTTP ${status})`);
    }
    if (!java.fillJnlp) return text;
    const session = this.#cookies.get(java.sessionCookie ?? '') ?? '';
    const { origin } = this.#options.request.url;
    return text.replaceAll('{base_url}', origin).replaceAll('{session_key}', session);
  }

  /**
   * An archive of the program's, or null where the BMC has none there.
   *
   * @throws GatewayError as `jnlp` does; all of them have 128 MiB together.
   */
  async archive(path: string): Promise<Buffer | null> {
    const { signal } = this.#options;
    const call = { headers: { ...this.#headers(), accept: '*/*' }, budget: this.#budget, signal };
    const { status, body } = await this.#places
      .execute(() => this.#http.download(path, call))
      .catch((error: unknown) => {
        throw this.#unlessTooBig(error, 'Java console');
      });
    return status === 200 ? body : null;
  }

  async logout(): Promise<void> {
    if (!this.#signedIn) return;
    const { loginPath, logoutPath = LOGOUT[loginPath] } = this.#options.java;
    this.#signedIn = false;
    if (logoutPath !== undefined) await this.#http.call(logoutPath, { headers: this.#headers() });
  }

  async close(): Promise<void> {
    await this.#http.close();
  }

  #form(): RemoteCall {
    const { java, request } = this.#options;
    const { credentials } = request;
    if (!credentials) throw this.#fault('provider_refused', 'no user and password are configured');
    const fields = {
      [java.usernameField]: credentials.username,
      [java.passwordField]: credentials.password.reveal(),
      ...java.fields,
    };
    const type = java.json ? 'application/json' : 'application/x-www-form-urlencoded';
    const body = java.json ? JSON.stringify(fields) : new URLSearchParams(fields).toString();
    return { method: 'POST', headers: { accept: '*/*', 'content-type': type }, body };
  }

  /** Old boards look at where somebody comes from. */
  #headers(): Record<string, string> {
    const { java, request } = this.#options;
    const cookie = [...this.#cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const referer = new URL(java.loginPath, request.url).href;
    return { ...(cookie && { cookie }), ...(java.signIn && { referer }) };
  }

  #takeCookies(lines: readonly string[]): void {
    for (const line of lines) {
      const [, name, value] = /^([^=;]+)=([^;]*)/.exec(line) ?? [];
      if (value && value.length > COOKIE_CHARACTERS) continue;
      if (name !== undefined && value) this.#cookies.set(name.trim(), value.trim());
    }
  }

  #findCookie(page: string): void {
    const [, name = '', value = ''] = COOKIE_IN_PAGE.exec(page) ?? [];
    if (NO_SLOT.test(value)) throw this.#full();
    if (NO_COOKIE.test(value)) throw this.#refused();
    if (value !== '') this.#cookies.set(this.#options.java.sessionCookie ?? name, value);
  }

  #unlessTooBig(error: unknown, what: string): unknown {
    const { cause } = error as GatewayError;
    if (!(cause instanceof RemoteFault && cause.code === 'TOO_BIG')) return error;
    return this.#fault('kvm_page_changed', `the BMC's ${what} is bigger than any is`, error);
  }

  #refused(): GatewayError {
    return this.#fault('provider_refused', 'the BMC does not accept the user and password');
  }

  #full(): GatewayError {
    return this.#fault('bmc_slots_full', 'as many as it allows are signed in, or use its console');
  }

  #fault(status: StatusCode, what: string, cause?: unknown): GatewayError {
    return new GatewayError(status, `${this.#options.request.name}: ${what}`, { cause });
  }
}
