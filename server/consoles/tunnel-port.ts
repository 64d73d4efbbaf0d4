import type { CloseReason, ConsoleKind, StatusCode } from '../contract/index.ts';
import type { GatewayError } from '../errors.ts';
import type { GuacdAddress, GuacdProtocol } from '../providers/provider.ts';

export { GUACD_PROTOCOLS } from '../providers/provider.ts';
export type { GuacdAddress, GuacdProtocol };

/**
 * All that a tunnel needs to know of the console that it carries. It travels inside the encrypted
 * connection token, so it must stay JSON and small (a few KB).
 */
export interface TunnelGrant {
  readonly consoleId: string;
  /** Public id of the machine, for logs and messages. */
  readonly machine: string;
  readonly kind: ConsoleKind;
  readonly protocol: GuacdProtocol;
  readonly guacd: GuacdAddress;
  /** guacd's parameters by their own names, hostname and port among them. Holds credentials. */
  readonly parameters: Readonly<Record<string, string>>;
  readonly readOnly: boolean;
  /** Name of the person, told to guacd by the `name` instruction where it knows it. */
  readonly user: string;
  /** Pixels, dots per inch. */
  readonly display: { readonly width: number; readonly height: number; readonly dpi: number };
  /** IANA name. */
  readonly timezone: string | null;
  /** Milliseconds since the epoch at which the console expires. */
  readonly deadline: number;
}

/**
 * How a tunnel ended: one row of the status table, or `client_left` for a browser that closed or
 * lost its connection, which is no failure; one sentence for the log and the API.
 */
export interface TunnelEnd {
  readonly status: StatusCode | 'client_left';
  readonly message: string;
}

/** What the domain wants to hear from the tunnels of this process. */
export interface TunnelListener {
  /**
   * The last check before a WebSocket is accepted. Resolves to the deadline in force now
   * (milliseconds since the epoch); throws GatewayError when the console may not be joined.
   *
   * @param from address of the browser.
   */
  admit(grant: TunnelGrant, tunnelId: string, from: string): Promise<number>;
  /** Somebody with a genuine token was refused; no tunnel comes of it. */
  refused(grant: TunnelGrant, from: string, error: GatewayError): void;
  /** guacd has accepted; nothing has been seen of the machine yet. */
  opened(grant: TunnelGrant, tunnelId: string): void;
  /** The first picture arrived: the machine's console is really there. */
  pictured(grant: TunnelGrant, tunnelId: string): void;
  /** A person typed, clicked, touched or pasted; told each time. */
  used(grant: TunnelGrant): void;
  /** Called once for each tunnel that was admitted, however it ended. */
  closed(grant: TunnelGrant, tunnelId: string, end: TunnelEnd): void;
}

/** What the domain asks of the tunnels of this process. */
export interface Tunnels {
  /** Ends every tunnel of this console; the page is told why before the socket closes. */
  closeConsole(consoleId: string, reason: CloseReason, message: string): void;
  /** Moves the moment at which this console's tunnels end by themselves. Milliseconds, epoch. */
  setDeadline(consoleId: string, deadline: number): void;
}
