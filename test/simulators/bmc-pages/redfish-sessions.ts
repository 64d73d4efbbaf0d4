import type { BmcSite, SiteAnswer, SiteRequest } from './bmc-site.ts';

const SESSIONS = '/redfish/v1/SessionService/Sessions';

/** The part of Redfish that signs in and out, to be put before a maker's own pages. */
export class RedfishSessions {
  readonly #site: BmcSite;

  constructor(site: BmcSite) {
    this.#site = site;
  }

  isSignedIn({ headers }: SiteRequest): boolean {
    return this.#site.sessions.has(String(headers['x-auth-token'] ?? ''));
  }

  /** Undefined where it is none of its calls. */
  async answer(request: SiteRequest): Promise<SiteAnswer | undefined> {
    const { method, path } = request;
    if (path === SESSIONS && method === 'POST') return this.#login(request);
    if (path.startsWith(`${SESSIONS}/`) && method === 'DELETE') {
      if (!this.isSignedIn(request)) return refusal(401, 'NoValidSession');
      this.#site.sessions.delete(path.slice(SESSIONS.length + 1));
      return { status: 200, body: {} };
    }
    return undefined;
  }

  async #login({ headers, body }: SiteRequest): Promise<SiteAnswer> {
    if (headers['content-type'] !== 'application/json') return refusal(415, 'UnsupportedMediaType');
    const { UserName, Password } = JSON.parse(body) as Record<string, unknown>;
    const outcome = this.#site.login(UserName, Password);
    if (outcome === 'wrong') return refusal(401, 'InsufficientPrivilege');
    if (outcome === 'locked') return refusal(401, 'LoginAttemptsExceeded');
    if (outcome === 'full') return refusal(503, 'SessionLimitExceeded');
    const path = `${SESSIONS}/${outcome.token}`;
    const location = this.#site.faults.has('no-location') ? 'https://[' : path;
    const given = { 'x-auth-token': outcome.token, location };
    return { status: 201, headers: given, body: { '@odata.id': path } };
  }
}

export function refusal(status: number, message: string): SiteAnswer {
  const info = [{ MessageId: `Base.1.8.${message}` }];
  const error = { code: 'Base.1.8.GeneralError', '@Message.ExtendedInfo': info };
  return { status, body: { error } };
}
