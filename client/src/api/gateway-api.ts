import {
  type ConsoleEvent,
  type ConsoleKind,
  type ConsoleView,
  type CreatedConsole,
  type MachineList,
  type Me,
  type RedeemAnswer,
  type TokenAnswer,
  type TokenRequest,
  closeConsole,
  connectConsole,
  extendConsole,
  getConsole,
  listMachines,
  login,
  logout,
  openConsole,
  redeemConsole,
  watchConsole,
  whoAmI,
} from '../../../server/contract/index.ts';
import { GatewayClient } from '../../../server/gateway-client/gateway-client.ts';

const gateway = new GatewayClient({ url: location.origin });

/** The portal's calls: who is asking is in the session cookie. */
export const portalApi = {
  me: (): Promise<Me> => gateway.call(whoAmI),

  login: (username: string, password: string): Promise<Me> =>
    gateway.call(login, { body: { username, password } }),

  logout: (): Promise<void> => gateway.call(logout),

  machines: (q: string, cursor: string | null, signal: AbortSignal): Promise<MachineList> =>
    gateway.call(listMachines, {
      query: { ...(q && { q }), ...(cursor && { cursor }) },
      signal,
    }),

  open: (machine: string, kind: ConsoleKind): Promise<CreatedConsole> =>
    gateway.call(openConsole, { body: { machine, kind } }),
};

/**
 * The calls of one console's page. The bearer of a redeemed launch key lives in this object only:
 * where a browser blocks cookies (a portal's iframe), it says who is asking.
 */
export class ConsoleApi {
  readonly #params: { readonly id: string };
  readonly #gateway = new GatewayClient({ url: location.origin, token: () => this.#bearer });
  #bearer: string | null = null;

  constructor(id: string) {
    this.#params = { id };
  }

  async redeem(key: string): Promise<RedeemAnswer> {
    const redeemed = await gateway.call(redeemConsole, { params: this.#params, body: { key } });
    this.#bearer = redeemed.bearer;
    return redeemed;
  }

  look(): Promise<ConsoleView> {
    return this.#gateway.call(getConsole, { params: this.#params });
  }

  token(body: TokenRequest): Promise<TokenAnswer> {
    return this.#gateway.call(connectConsole, { params: this.#params, body });
  }

  /** By the gateway's own step. */
  extend(): Promise<ConsoleView> {
    return this.#gateway.call(extendConsole, { params: this.#params });
  }

  close(): Promise<void> {
    return this.#gateway.call(closeConsole, { params: this.#params });
  }

  events(signal: AbortSignal): AsyncGenerator<ConsoleEvent> {
    return this.#gateway.events(watchConsole, { params: this.#params, signal });
  }
}
