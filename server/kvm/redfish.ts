import { z } from 'zod';
import { parseUrl } from '../platform/parse-url.ts';
import type { RemoteAnswer } from '../providers/remote-http.ts';
import type { BmcPage } from './bmc-page.ts';

const JSON_TYPE = { 'content-type': 'application/json' };
const created = z.object({ '@odata.id': z.string() });
const root = z.object({
  Oem: z
    .object({
      Hpe: z.object({ Manager: z.array(z.object({ ManagerType: z.string() })) }).optional(),
    })
    .optional(),
});

/** A session at a BMC's Redfish service, for what its web pages do not give. */
export class RedfishSession {
  readonly #bmc: BmcPage;
  #session: { readonly token: string; readonly path: string | undefined } | undefined;

  constructor(bmc: BmcPage) {
    this.#bmc = bmc;
  }

  /** @throws GatewayError `provider_refused`, `bmc_slots_full`, `bmc_unavailable` */
  async login(): Promise<void> {
    const { http } = this.#bmc;
    const answer = await http.call('/redfish/v1/SessionService/Sessions', {
      ...{ method: 'POST', headers: JSON_TYPE },
      body: JSON.stringify({
        UserName: this.#bmc.username,
        Password: this.#bmc.revealPassword(),
      }),
    });
    if (answer.status !== 201) throw refusalOf(this.#bmc, answer);
    const token = String(answer.headers['x-auth-token'] ?? '');
    const path = pathOf(answer);
    this.#session = { token, path };
    if (path === undefined) {
      throw this.#bmc.fault('bmc_unavailable', 'the BMC does not say where its session is');
    }
  }

  /** What is at a path, whatever its status; `body` is posted. */
  async call(path: string, body?: object): Promise<RemoteAnswer> {
    const headers = { ...JSON_TYPE, 'x-auth-token': this.#session?.token ?? '' };
    return this.#bmc.http.call(path, {
      headers,
      ...(body && { method: 'POST', body: JSON.stringify(body) }),
    });
  }

  async logout(): Promise<void> {
    const session = this.#session;
    this.#session = undefined;
    if (session?.path === undefined) return;
    const headers = { 'x-auth-token': session.token };
    await this.#bmc.http.call(session.path, { method: 'DELETE', headers });
  }
}

/** Of a new session: some say it in the answer alone, or in a form that is no address. */
function pathOf({ headers, text }: RemoteAnswer): string | undefined {
  const base = 'https://bmc';
  for (const told of [String(headers['location'] ?? ''), odataId(text)]) {
    const path = parseUrl(told, base)?.pathname ?? '';
    if (path.startsWith('/redfish/v1/')) return path;
  }
  return undefined;
}

function odataId(text: string): string {
  try {
    return created.parse(JSON.parse(text))['@odata.id'];
  } catch {
    return '';
  }
}

/** `iLO 5`, as a BMC of HPE says before anybody signs in; undefined where it does not. */
export async function hpeManagerType(bmc: BmcPage): Promise<string | undefined> {
  const answer = await bmc.http.call('/redfish/v1/');
  if (answer.status >= 500) throw bmc.unavailable(answer.status);
  if (answer.status !== 200) return undefined;
  return bmc.http.parse(root, answer).Oem?.Hpe?.Manager[0]?.ManagerType;
}

/** Why a BMC does not let us in, by the status and the names of messages that all makers use. */
function refusalOf(bmc: BmcPage, { status, text }: RemoteAnswer) {
  if (/AccountLocked|LoginAttemptsExceeded|PasswordLockout/i.test(text)) {
    return bmc.fault('bmc_account_locked', 'the BMC has locked the account');
  }
  // A web server whose service is not up yet says 503 as well, by a page or by nothing.
  const isOfService = text.trimStart().startsWith('{');
  if ((status === 503 && isOfService) || /SessionLimitExceeded|MaximumSessions/i.test(text)) {
    return bmc.fault('bmc_slots_full', 'as many as it allows are signed in at the BMC');
  }
  if (status === 400 || status === 401 || status === 403) return bmc.refused();
  return bmc.unavailable(status);
}
