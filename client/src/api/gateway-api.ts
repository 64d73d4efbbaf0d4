import {
  type AuditList,
  type AuditQuery,
  type ConsoleAnswer,
  type ConsoleFile,
  type ConsoleEvent,
  type ConsoleKind,
  type ConsoleList,
  type ConsoleView,
  type CreatedConsole,
  type CreatedShare,
  type ListedConsole,
  type MachineControls,
  type MachineList,
  type MachineView,
  type Me,
  type SyncAnswer,
  type RedeemAnswer,
  type RedeemRequest,
  type ShareRequest,
  type ShareView,
  type SignInMethods,
  type TokenAnswer,
  type TokenRequest,
  approveConsole,
  closeConsole,
  connectConsole,
  extendConsole,
  fetchConsoleFile,
  getConsole,
  getMachine,
  giveControl,
  listApprovals,
  listAudit,
  listConsoles,
  listMachines,
  listShares,
  login,
  logout,
  openConsole,
  redeemConsole,
  refuseConsole,
  revokeShare,
  shareConsole,
  showConsoleMachine,
  syncMachines,
  watchConsole,
  waysToSignIn,
  whoAmI,
} from '../../../server/contract/index.ts';
import { GatewayClient } from '../../../server/gateway-client/gateway-client.ts';
import { type MachineCalls, callsOfConsole, callsOfMachine } from './machine-calls.ts';

const gateway = new GatewayClient({ url: location.origin });

/** The portal's calls: who is asking is in the session cookie. */
export const portalApi = {
  me: (): Promise<Me> => gateway.call(whoAmI),

  waysToSignIn: (): Promise<SignInMethods> => gateway.call(waysToSignIn),

  /** `totp` where the gateway has asked for it. */
  login: (username: string, password: string, totp?: string): Promise<Me> =>
    gateway.call(login, { body: { username, password, ...(totp !== undefined && { totp }) } }),

  logout: (): Promise<void> => gateway.call(logout),

  machines: (q: string, cursor: string | null, signal: AbortSignal): Promise<MachineList> =>
    gateway.call(listMachines, {
      query: { ...(q && { q }), ...(cursor && { cursor }) },
      signal,
    }),

  machine: (id: string, signal: AbortSignal): Promise<MachineView> =>
    gateway.call(getMachine, { params: { id }, signal }),

  /** Providers are asked for their machines, and not waited for. */
  sync: (): Promise<SyncAnswer> => gateway.call(syncMachines, { body: {} }),

  /** What this machine is told. */
  callsOf: (id: string): MachineCalls => callsOfMachine(gateway, id),

  /** `purpose` where the machine's policy asks for one. */
  open: (machine: string, kind: ConsoleKind, purpose: string | null): Promise<CreatedConsole> =>
    gateway.call(openConsole, { body: { machine, kind, ...(purpose !== null && { purpose }) } }),

  consoleFile: (id: string, purpose: string | null): Promise<ConsoleFile> =>
    gateway.call(fetchConsoleFile, { params: { id }, body: purpose === null ? {} : { purpose } }),

  /** Open consoles of one person. */
  consolesOf: (user: string, signal: AbortSignal): Promise<ListedConsole[]> =>
    collect(gateway.all(listConsoles, { query: { user }, signal })),

  /** A page of all open consoles that one may see. */
  consoles: (
    { limit, cursor }: { limit: number; cursor: string | null },
    signal: AbortSignal,
  ): Promise<ConsoleList> =>
    gateway.call(listConsoles, { query: { limit, ...(cursor && { cursor }) }, signal }),

  /** A link to look over somebody's shoulder: for oneself, and no longer than `ttl` seconds. */
  watch: (id: string, label: string, ttl: number): Promise<CreatedShare> =>
    gateway.call(shareConsole, { params: { id }, body: { readOnly: true, label, ttl } }),

  approvals: (signal: AbortSignal): Promise<ConsoleView[]> =>
    collect(gateway.all(listApprovals, { signal })),

  approve: (id: string): Promise<ConsoleView> =>
    gateway.call(approveConsole, { params: { id }, body: {} }),

  refuse: (id: string, detail: string | null): Promise<ConsoleView> =>
    gateway.call(refuseConsole, { params: { id }, body: detail === null ? {} : { detail } }),

  audit: (query: Partial<AuditQuery>, signal: AbortSignal): Promise<AuditList> =>
    gateway.call(listAudit, { query, signal }),

  extend: (id: string): Promise<ConsoleView> => gateway.call(extendConsole, { params: { id } }),

  close: (id: string): Promise<void> => gateway.call(closeConsole, { params: { id } }),
};

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

/** What opens a console: its link's key, and what a shared link asks for besides. */
export interface Redemption {
  readonly key: string;
  readonly name: string | null;
  readonly passphrase: string | null;
}

/**
 * The calls of one console's page. The bearer of a redeemed launch key lives in this object only:
 * where a browser blocks cookies (a portal's iframe), it says who is asking.
 */
export class ConsoleApi {
  readonly #params: { readonly id: string };
  readonly #gateway = new GatewayClient({ url: location.origin, token: () => this.#bearer });
  /** What its machine is told. */
  readonly machine: MachineCalls;
  #bearer: string | null = null;

  constructor(id: string) {
    this.#params = { id };
    this.machine = callsOfConsole(this.#gateway, id);
  }

  async redeem({ key, name, passphrase }: Redemption): Promise<RedeemAnswer> {
    const body: RedeemRequest = {
      key,
      ...(name !== null && { name }),
      ...(passphrase !== null && { passphrase }),
    };
    const redeemed = await gateway.call(redeemConsole, { params: this.#params, body });
    this.#bearer = redeemed.bearer;
    return redeemed;
  }

  look(): Promise<ConsoleAnswer> {
    return this.#gateway.call(getConsole, { params: this.#params });
  }

  token(body: TokenRequest): Promise<TokenAnswer> {
    return this.#gateway.call(connectConsole, { params: this.#params, body });
  }

  /** By the gateway's own step. */
  extend(): Promise<ConsoleView> {
    return this.#gateway.call(extendConsole, { params: this.#params });
  }

  /** What its machine can be told. */
  controls(signal: AbortSignal): Promise<MachineControls> {
    return this.#gateway.call(showConsoleMachine, { params: this.#params, signal });
  }

  share(body: ShareRequest): Promise<CreatedShare> {
    return this.#gateway.call(shareConsole, { params: this.#params, body });
  }

  async shares(): Promise<readonly ShareView[]> {
    const { items } = await this.#gateway.call(listShares, { params: this.#params });
    return items;
  }

  revoke(share: string): Promise<void> {
    return this.#gateway.call(revokeShare, { params: { ...this.#params, share } });
  }

  /** To the holder or to a viewer's id. */
  control(recipient: string): Promise<ConsoleView> {
    return this.#gateway.call(giveControl, { params: this.#params, body: { to: recipient } });
  }

  close(): Promise<void> {
    return this.#gateway.call(closeConsole, { params: this.#params });
  }

  events(signal: AbortSignal): AsyncGenerator<ConsoleEvent> {
    return this.#gateway.events(watchConsole, { params: this.#params, signal });
  }
}
