import { z } from 'zod';
import type { BmcPage } from '../bmc-page.ts';
import type { Driver, DriverFactory } from '../driver.ts';
import { setCookie } from '../set-cookie.ts';

const COOKIE = 'QSESSIONID';
const FORM = 'application/x-www-form-urlencoded';

const session = z.object({ ok: z.number().optional(), CSRFToken: z.string().min(1) });
const token = z.object({
  client_ip: z.string().optional(),
  token: z.string(),
  session: z.string().optional(),
});

/**
 * AMI MegaRAC SP-X: a session of its web interface's API, whose cookie the browser is given, with
 * what its pages keep for themselves in the session's storage.
 */
export const ami: DriverFactory = (bmc) => new MegaracDriver(bmc);

class MegaracDriver implements Driver {
  readonly #bmc: BmcPage;
  #session: { readonly cookie: string; readonly csrf: string } | undefined;

  constructor(bmc: BmcPage) {
    this.#bmc = bmc;
  }

  async login(): Promise<void> {
    const bmc = this.#bmc;
    const body = new URLSearchParams({ username: bmc.username, password: bmc.revealPassword() });
    const answer = await bmc.http.call('/api/session', {
      ...{ method: 'POST', headers: { 'content-type': FORM }, body: body.toString() },
    });
    if (answer.status === 401 || answer.status === 403) {
      if (!/\block/i.test(answer.text)) throw bmc.refused();
      throw bmc.fault('bmc_account_locked', 'the BMC has locked the account');
    }
    if (answer.status === 503 && answer.text.trimStart().startsWith('{')) {
      throw bmc.fault('bmc_slots_full', 'as many as it allows are signed in at the BMC');
    }
    const { CSRFToken: csrf } = bmc.http.parse(session, answer);
    const cookie = setCookie(answer, COOKIE);
    if (cookie === undefined) throw bmc.fault('kvm_page_changed', 'the BMC gives no session');
    this.#session = { cookie, csrf };
    await bmc.setCookie(COOKIE, cookie);
  }

  async openConsole(): Promise<void> {
    const bmc = this.#bmc;
    const answer = await bmc.http.call('/api/kvm/token', { headers: this.#headers() });
    if (answer.status === 403) {
      throw bmc.fault('bmc_license_missing', 'the BMC has no licence for its console');
    }
    if (answer.status === 503) {
      throw bmc.fault('bmc_slots_full', 'as many as it allows use the console of the BMC');
    }
    const given = bmc.http.parse(token, answer);
    // A page of the same origin has to be there before anything can be stored for it.
    await bmc.goto('/viewer.html');
    await bmc.store({ garc: this.#session?.csrf ?? '', token: JSON.stringify(given) });
    await bmc.goto('/viewer.html');
  }

  shown(): Promise<void> {
    return this.#bmc.consoleShows('canvas');
  }

  async logout(): Promise<void> {
    const headers = this.#headers();
    const held = this.#session;
    this.#session = undefined;
    if (held) await this.#bmc.http.call('/api/session', { method: 'DELETE', headers });
  }

  #headers(): Record<string, string> {
    const { cookie = '', csrf = '' } = this.#session ?? {};
    return { cookie: `${COOKIE}=${cookie}`, 'x-csrftoken': csrf };
  }
}
