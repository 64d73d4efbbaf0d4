import { z } from 'zod';
import type { BmcPage } from '../bmc-page.ts';
import type { Driver, DriverFactory } from '../driver.ts';
import { RedfishSession } from '../redfish.ts';

const MANAGER = '/redfish/v1/Managers/iDRAC.Embedded.1';
const SERVICE = 'DelliDRACCardService';
const ACTION = `${SERVICE}.GetKVMSession`;

const manager = z.object({
  Links: z
    .object({ Oem: z.object({ Dell: z.record(z.string(), z.unknown()) }).partial() })
    .partial()
    .optional(),
});
const service = z.object({ Actions: z.record(z.string(), z.unknown()).default({}) });
const session = z.object({ TempUsername: z.string().min(1), TempPassword: z.string().min(1) });

/**
 * Dell iDRAC 9: Redfish gives a user and a password for one console, which its page takes as a part
 * of its own address; the sign-in of its web interface is not needed.
 */
export const dell: DriverFactory = (bmc) => new IdracDriver(bmc);

class IdracDriver implements Driver {
  readonly #bmc: BmcPage;
  readonly #redfish: RedfishSession;

  constructor(bmc: BmcPage) {
    this.#bmc = bmc;
    this.#redfish = new RedfishSession(bmc);
  }

  login(): Promise<void> {
    return this.#redfish.login();
  }

  async openConsole(): Promise<void> {
    const bmc = this.#bmc;
    const { user, password } = await this.#temporary();
    const { url } = bmc.request;
    const older = new URLSearchParams({
      ...{ ip: url.hostname, kvmport: url.port || '443', title: bmc.request.name },
      ...{ VCSID: user, VCSID2: password },
    });
    if (await bmc.exists('/restgui/vconsole/index.html')) {
      return bmc.goto(`/restgui/vconsole/index.html?${older.toString()}`);
    }
    const newer = new URLSearchParams({
      ...{ username: bmc.username, tempUsername: user, tempPassword: password },
    });
    return bmc.goto(`/console?${newer.toString()}`);
  }

  shown(): Promise<void> {
    return this.#bmc.consoleShows('canvas');
  }

  logout(): Promise<void> {
    return this.#redfish.logout();
  }

  /** A user and a password of one console. @throws GatewayError `bmc_license_missing` */
  async #temporary(): Promise<{ user: string; password: string }> {
    const bmc = this.#bmc;
    const { http } = bmc;
    const described = http.parse(manager, await this.#redfish.call(MANAGER));
    const link = described.Links?.Oem?.Dell?.[SERVICE] as { '@odata.id'?: string } | undefined;
    const path = link?.['@odata.id'] ?? `${MANAGER}/Oem/Dell/${SERVICE}`;
    const found = await this.#redfish.call(path);
    const actions = found.status === 200 ? http.parse(service, found).Actions : {};
    if (!Object.hasOwn(actions, `#${ACTION}`)) throw missing(bmc);
    const name = { SessionTypeName: 'rackside' };
    const answer = await this.#redfish.call(`${path}/Actions/${ACTION}`, name);
    if (/LIC|licen[cs]e/i.test(answer.text) && answer.status >= 400) throw missing(bmc);
    if (answer.status === 503 || /SessionLimit|MaximumSessions|RAC0218/.test(answer.text)) {
      throw bmc.fault('bmc_slots_full', 'as many as it allows use the console of the BMC');
    }
    const { TempUsername: user, TempPassword: password } = http.parse(session, answer);
    return { user, password };
  }
}

function missing(bmc: BmcPage) {
  const what = 'the BMC has no licence for its console (iDRAC Enterprise)';
  return bmc.fault('bmc_license_missing', what);
}
