import type { BmcPage } from '../bmc-page.ts';
import type { Driver, DriverFactory } from '../driver.ts';
import { RedfishSession, hpeManagerType } from '../redfish.ts';

const CONSOLE = '/irc.html';
const COOKIE = 'sessionKey';
const FORM = { username: '#username', password: '#password', submit: '#login-form__submit' };

/**
 * HPE iLO 5 and 6: one address of the console and two ways to it. An iLO 5 has a page for the
 * sign-in; on an iLO 6 the console's page asks itself, with fields that cannot be used at first.
 * Whether it lets us in is asked by Redfish before, which says why not in words that are fixed.
 */
export const hpe: DriverFactory = (bmc) => new IloDriver(bmc);

class IloDriver implements Driver {
  readonly #bmc: BmcPage;
  #sessionKey: string | undefined;
  /** Signed in or about to be, with a key that is not known yet. */
  #submitted = false;

  constructor(bmc: BmcPage) {
    this.#bmc = bmc;
  }

  async login(): Promise<void> {
    const bmc = this.#bmc;
    const type = await hpeManagerType(bmc);
    if (type !== 'iLO 5' && type !== 'iLO 6') {
      throw bmc.fault('kvm_page_changed', `the BMC is ${type ?? 'no iLO'}, not an iLO 5 or 6`);
    }
    const redfish = new RedfishSession(bmc);
    await redfish.login();
    await redfish.logout();
    await bmc.goto(type === 'iLO 5' ? '/html/login.html' : CONSOLE);
    await bmc.fillUsername(FORM.username);
    await bmc.fillPassword(FORM.password);
    this.#submitted = true;
    this.#sessionKey = await bmc.signInForCookie(FORM.submit, COOKIE);
  }

  async openConsole(): Promise<void> {
    if (this.#bmc.path !== CONSOLE) await this.#bmc.goto(CONSOLE);
  }

  shown(): Promise<void> {
    return this.#bmc.consoleShows('canvas');
  }

  async logout(): Promise<void> {
    if (!this.#submitted) return;
    const session_key = this.#sessionKey ?? (await this.#bmc.cookie(COOKIE));
    // It may come yet: whoever signs out once more finds it then.
    if (!session_key) return;
    this.#submitted = false;
    this.#sessionKey = undefined;
    await this.#bmc.http.call('/json/login_session', {
      method: 'POST',
      headers: { 'content-type': 'application/json', cookie: `${COOKIE}=${session_key}` },
      body: JSON.stringify({ method: 'logout', session_key }),
    });
  }
}
