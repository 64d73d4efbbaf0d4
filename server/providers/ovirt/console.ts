import { randomBytes } from 'node:crypto';
import { GatewayError } from '../../errors.ts';
import { connectTcp } from '../../platform/connect-tcp.ts';
import type { TlsTrust } from '../../platform/tls-trust.ts';
import type { RfbTarget } from '../provider-context.ts';
import type { OvirtClient } from './client.ts';
import type { GraphicsConsole, Vm } from './replies.ts';
import type { OvirtConfig } from './schema.ts';
import { whyClosed } from './vm-state.ts';

export interface OvirtConsoleParts
  extends Pick<OvirtConfig, 'id' | 'vncSecurity' | 'ticketExpiry' | 'hostCa'> {
  readonly client: OvirtClient;
}

/** A screen whose ticket has just been set. */
interface OpenScreen {
  readonly vm: Vm;
  readonly address: string;
  readonly port: number;
  readonly password: string;
}

export function hostCaMissing(id: string): GatewayError {
  const message = `${id} does not show the CA of its hosts: configure hostCa`;
  return new GatewayError('provider_unavailable', message);
}

/** As many as VNC authentication looks at, and as the engine makes them. */
const TICKET_BYTES = 6;

/** The way to a machine's VNC server: its place, a ticket, and what makes its certificate right. */
export class OvirtConsole {
  readonly #parts: OvirtConsoleParts;

  constructor(parts: OvirtConsoleParts) {
    this.#parts = parts;
  }

  /**
   * Where the machine's screen is now, open to whoever knows the password.
   *
   * @throws GatewayError `machine_not_found`, `machine_not_running`, `console_kind_unavailable`,
   * `console_held`, `provider_unavailable`
   */
  async open(machineId: string, signal: AbortSignal): Promise<OpenScreen> {
    const { id, client, ticketExpiry } = this.#parts;
    const [vm, consoles] = await Promise.all([
      client.vm(machineId, signal),
      client.consoles(machineId, signal),
    ]);
    const closed = whyClosed(vm);
    if (closed !== undefined) throw new GatewayError('machine_not_running', `${id}: ${closed}`);
    const vnc = consoles.find(({ protocol }) => protocol === 'vnc');
    if (!vnc) throw this.#noVnc(vm, consoles);
    const { address, port } = this.#placeOf(vm, vnc);
    const password = randomBytes(TICKET_BYTES).toString('base64url');
    await client.setTicket(machineId, vnc.id, { value: password, expiry: ticketExpiry }, signal);
    return { vm, address, port, password };
  }

  /** A connection to the machine's VNC server, and what lets us in. @throws as `open`. */
  async reach(machineId: string, signal: AbortSignal): Promise<RfbTarget> {
    const { vm, address, port, password } = await this.open(machineId, signal);
    const trust = await this.#trustOf(vm, address, signal);
    const stream = await connectTcp({ host: address, port, signal });
    // The account that a host in FIPS mode knows the ticket by (vdsm).
    return {
      ...{ stream, username: `vnc-${vm.id}`, password, trust },
      demandTls: this.#parts.vncSecurity === 'x509',
    };
  }

  #noVnc(vm: Vm, consoles: readonly GraphicsConsole[]): GatewayError {
    const others = consoles.map(({ protocol }) => protocol.toUpperCase()).join(', ');
    const has = others ? `${others} alone: a native client opens it by its file` : 'no screen';
    const message = `${this.#parts.id}: VM ${vm.name} has ${has}`;
    return new GatewayError('console_kind_unavailable', message);
  }

  #placeOf(vm: Vm, { address, port }: GraphicsConsole): { address: string; port: number } {
    const host = address?.replaceAll(/^\[|\]$/g, '');
    if (host && port !== undefined && port > 0 && port <= 65_535) return { address: host, port };
    const where = `${address ?? 'no address'}, port ${port ?? 'unknown'}`;
    const message = `${this.#parts.id} does not say where the screen of VM ${vm.name} is: ${where}`;
    throw new GatewayError('target_unreachable', message);
  }

  async #trustOf(vm: Vm, address: string, signal: AbortSignal): Promise<TlsTrust | undefined> {
    const { id, client, hostCa, vncSecurity } = this.#parts;
    const ca = hostCa ?? (await client.hostsCa(signal));
    if (ca === undefined) {
      if (vncSecurity === 'auto') return undefined;
      throw hostCaMissing(id);
    }
    return { ca, serverName: await this.#hostName(vm, address, signal) };
  }

  /** Screens may have an address of their own, certificates are made for the host's. */
  async #hostName({ host }: Vm, address: string, signal: AbortSignal): Promise<string> {
    if (!host) return address;
    try {
      return await this.#parts.client.hostAddress(host.id, signal);
    } catch {
      // Accounts that may not look at hosts have the screen's address alone.
      signal.throwIfAborted();
      return address;
    }
  }
}
