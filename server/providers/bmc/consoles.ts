import type { Duplex } from 'node:stream';
import type { ConsoleKind } from '../../contract/index.ts';
import type { ProviderContext } from '../provider-context.ts';
import type { Endpoint, ResolveRequest } from '../provider.ts';
import type { RemoteHttp } from '../remote-http.ts';
import type { ConsoleAccounts, ConsoleAccount } from './console-accounts.ts';
import type { Ipmitool } from './ipmitool.ts';
import type { RedfishClient } from './redfish/client.ts';
import type { RedfishService } from './redfish/discover.ts';
import { openIdracVnc } from './redfish/open-idrac-vnc.ts';
import { openBmcSocket, spoken } from './redfish/openbmc-socket.ts';
import { RedfishSession } from './redfish/session.ts';
import { type HostSettings, pageDriverOf, webServerOf } from './schema.ts';
import { openPage } from './open-page.ts';
import { openSerial } from './serial/open-serial.ts';
import { sshEndpoint } from './serial/open-ssh.ts';
import { deactivate, openSol } from './serial/sol.ts';

export interface ConsoleParts
  extends Pick<ProviderContext, 'bridges' | 'kvm' | 'claims' | 'debts'> {
  readonly name: string;
  readonly settings: HostSettings;
  readonly http: RemoteHttp;
  readonly client: RedfishClient;
  readonly accounts: ConsoleAccounts;
  /** Undefined where there is no Redfish. */
  readonly service: RedfishService | undefined;
  /** Undefined where there is no IPMI. */
  readonly ipmitool: Ipmitool | undefined;
}

type Request = Omit<ResolveRequest, 'kind'>;

/** One console that a server has, and how it is opened. */
export interface HostConsole {
  readonly kind: ConsoleKind;
  open(request: Request): Promise<Endpoint>;
}

/** The consoles that open by what the BMC is, the best first. */
export function consolesOf(parts: ConsoleParts): HostConsole[] {
  const all = [screenOf(parts), pageOf(parts), serialOf(parts)];
  return all.filter((console) => console !== undefined);
}

function screenOf(parts: ConsoleParts): HostConsole | undefined {
  const { service } = parts;
  if (service?.vendor === 'openbmc') {
    return { kind: 'vnc', open: (request) => openBmcScreen(parts, request) };
  }
  if (service?.vendor !== 'dell') return undefined;
  const { name, settings, client, bridges, claims, debts } = parts;
  const { id, address } = settings;
  const { manager } = service;
  const vnc = { name, id, address, manager, client, bridges, claims, debts };
  return { kind: 'vnc', open: (request) => openIdracVnc(vnc, request) };
}

/** The console of its web page, on a screen that the gateway makes. */
function pageOf(parts: ConsoleParts): HostConsole | undefined {
  const { settings, service } = parts;
  const vendor = pageDriverOf(settings, service?.vendor);
  if (vendor === undefined) return undefined;
  return { kind: 'kvm', open: (request) => openPage(parts, vendor, request) };
}

function serialOf(parts: ConsoleParts): HostConsole | undefined {
  const { settings, service, ipmitool } = parts;
  const { enabled, via } = settings.sol;
  if (!enabled) return undefined;
  if (via === 'ssh') return { kind: 'sol', open: async () => sshEndpoint(settings) };
  const bySocket = via === 'websocket' || (via === 'auto' && service?.vendor === 'openbmc');
  if (bySocket) {
    return service && { kind: 'sol', open: (request) => openBmcSerial(parts, request) };
  }
  return ipmitool && { kind: 'sol', open: (request) => openIpmiSerial(parts, ipmitool, request) };
}

function openIpmiSerial(parts: ConsoleParts, ipmitool: Ipmitool, request: Request) {
  const { name, settings, bridges, claims } = parts;
  const { baud } = settings.sol;
  const open = (signal: AbortSignal, again: boolean) =>
    openSol({ name, ipmitool, baud, take: !again }, signal);
  // Others get in without waiting until the BMC notices; somebody who has taken it keeps it.
  const free = async (ours: boolean) => {
    if (ours) await deactivate(ipmitool).catch(() => undefined);
  };
  return openSerial({ name, settings, bridges, claims, open, free }, request);
}

function openBmcSerial(parts: ConsoleParts, request: Request): Promise<Endpoint> {
  const { name, settings, bridges, claims } = parts;
  const socket = new OwnSocket(parts);
  const open = (signal: AbortSignal) => socket.open('/console0', signal);
  const free = () => socket.release();
  return openSerial({ name, settings, bridges, claims, open, free }, request);
}

async function openBmcScreen(parts: ConsoleParts, request: Request): Promise<Endpoint> {
  const socket = new OwnSocket(parts);
  const { onFault, signal } = request;
  try {
    const endpoint = await parts.bridges.open({
      async reach(each) {
        const stream = await socket.open('/kvm/0', each);
        await spoken(parts.name, stream, each);
        return { stream };
      },
      ...{ onFault, signal },
    });
    return {
      ...endpoint,
      async release() {
        await endpoint.release();
        await socket.release();
      },
    };
  } catch (error) {
    // A BMC that does not answer is not waited for.
    void socket.release();
    throw error;
  }
}

/** The way to a BMC's sockets with a session of one console's own, which ends with it. */
class OwnSocket {
  readonly #parts: ConsoleParts;
  #opened: Promise<{ account: ConsoleAccount; session: RedfishSession }> | undefined;

  constructor(parts: ConsoleParts) {
    this.#parts = parts;
  }

  async open(path: '/kvm/0' | '/console0', signal: AbortSignal): Promise<Duplex> {
    const { name, settings } = this.#parts;
    const { ca, fingerprint } = settings;
    this.#opened ??= this.#enter(signal).catch((error: unknown) => {
      this.#opened = undefined;
      throw error;
    });
    const { session } = await this.#opened;
    return openBmcSocket(
      { name, base: webServerOf(settings), session, ca, fingerprint },
      path,
      signal,
    );
  }

  /** Logs out, and ends the account where it was made for this. Never rejects. */
  async release(): Promise<void> {
    const opened = await this.#opened?.catch(() => undefined);
    this.#opened = undefined;
    await opened?.session.logOut();
    await opened?.account.release();
  }

  async #enter(signal: AbortSignal) {
    const { name, http, accounts, service } = this.#parts;
    const account = await accounts.take(service?.vendor ?? 'other', signal);
    const { username, password, refusal } = account;
    const session = new RedfishSession({ name, http, username, password, refusal, lasting: true });
    return { account, session };
  }
}
