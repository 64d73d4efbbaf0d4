import { z } from 'zod';
import { GatewayError } from '../../errors.ts';
import type { BmcPage } from '../bmc-page.ts';
import type { Driver, DriverFactory } from '../driver.ts';
import { RedfishSession } from '../redfish.ts';
import { setCookie } from '../set-cookie.ts';

const IKVM = '/redfish/v1/Managers/1/Oem/Supermicro/IKVM';
const PAGE = '/cgi/url_redirect.cgi?url_name=';
const COOKIE = 'SID';
const FORM_TYPE = 'application/x-www-form-urlencoded';

const ikvm = z.object({
  'Current interface': z.string().optional(),
  URI: z.string().startsWith('/').optional(),
});

/**
 * Supermicro with an HTML5 console: an address that Redfish gives for one use, on boards that have
 * it; the web interface's own pages on those that do not.
 */
export const supermicro: DriverFactory = (bmc) => new SupermicroDriver(bmc);

class SupermicroDriver implements Driver {
  readonly #bmc: BmcPage;
  readonly #redfish: RedfishSession;
  #uri: string | undefined;
  #sid: string | undefined;

  constructor(bmc: BmcPage) {
    this.#bmc = bmc;
    this.#redfish = new RedfishSession(bmc);
  }

  async login(): Promise<void> {
    this.#uri = await this.#askRedfish();
    if (this.#uri === undefined) await this.#signIn();
  }

  async openConsole(): Promise<void> {
    await this.#bmc.goto(this.#uri ?? `${PAGE}man_ikvm_html5_bootstrap`);
  }

  shown(): Promise<void> {
    return this.#bmc.consoleShows('canvas');
  }

  async logout(): Promise<void> {
    await this.#redfish.logout();
    const sid = this.#sid;
    this.#sid = undefined;
    if (sid !== undefined) {
      await this.#bmc.http.call('/cgi/logout.cgi', { headers: { cookie: `${COOKIE}=${sid}` } });
    }
  }

  /** The console's address, or undefined where Redfish has none. */
  async #askRedfish(): Promise<string | undefined> {
    const bmc = this.#bmc;
    try {
      await this.#redfish.login();
    } catch (error) {
      // Boards without a Redfish service answer with their first page, or not at all.
      if (error instanceof GatewayError && error.status === 'bmc_unavailable') return undefined;
      throw error;
    }
    const answer = await this.#redfish.call(IKVM);
    if (answer.status !== 200) return undefined;
    const found = bmc.http.parse(ikvm, answer);
    if (/java/i.test(found['Current interface'] ?? '')) {
      const what =
        'the BMC shows its console by Java; switch it to HTML5 in its settings, or set kvm.driver: java';
      throw bmc.fault('kvm_page_changed', what);
    }
    return found.URI;
  }

  /** The web interface answers a wrong password with its first page again, and without a cookie. */
  async #signIn(): Promise<void> {
    const bmc = this.#bmc;
    const fields = new URLSearchParams({ name: bmc.username, pwd: bmc.revealPassword() });
    const answer = await bmc.http.call('/cgi/login.cgi', {
      ...{ method: 'POST', headers: { 'content-type': FORM_TYPE }, body: fields.toString() },
    });
    if (answer.status >= 500) throw bmc.unavailable(answer.status);
    const sid = setCookie(answer, COOKIE);
    if (!sid) throw bmc.refused();
    this.#sid = sid;
    await bmc.setCookie(COOKIE, sid);
  }
}
