import type { CloseReason, ConsoleKind, StatusCode } from '../contract/index.ts';
import type { GatewayError } from '../errors.ts';
import type { GuacdAddress, GuacdProtocol } from '../providers/provider.ts';

export { GUACD_PROTOCOLS } from '../providers/provider.ts';
export type { GuacdAddress, GuacdProtocol };

/** A connection of guacd's that others can join, by the id that its `ready` told. */
export interface GuacdConnection {
  readonly id: string;
  readonly guacd: GuacdAddress;
  readonly protocol: GuacdProtocol;
  /** What holds for everybody in it: see JOINED_PARAMETERS. */
  readonly parameters: Readonly<Record<string, string>>;
}

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
  /** Its host and port are a bridge's of the gateway. */
  readonly bridged: boolean;
  readonly readOnly: boolean;
  /** Name of the person, told to guacd by the `name` instruction where it knows it. */
  readonly user: string;
  /** Pixels, dots per inch. */
  readonly display: { readonly width: number; readonly height: number; readonly dpi: number };
  /** IANA name. */
  readonly timezone: string | null;
  /** Milliseconds since the epoch at which the console expires. */
  readonly deadline: number;
  /**
   * Who came by a shared link, and until when it works (milliseconds; null for as long as the console
   * does); null for the holder.
   */
  readonly viewer: { readonly id: string; readonly until: number | null } | null;
  /** Id of the running connection to join, on this very guacd; null for a new one. */
  readonly join: string | null;
  /** The page is asked for the credentials that the target wants and nobody gave. Absent is false. */
  readonly asks?: boolean;
  /** Its console ends with the tunnel: no page could come back to it. Absent is false. */
  readonly once?: boolean;
}

/** What may have changed since a grant was made. */
export interface Admitted {
  /** Milliseconds since the epoch at which the console expires. */
  readonly deadline: number;
  /** Who may type: `holder` or a viewer's id. */
  readonly control: string;
}

/**
 * How a tunnel ended: one row of the status table, or `client_left` for a browser that closed or
 * lost its connection, which is no failure; one sentence for the log and the API.
 */
export interface TunnelEnd {
  readonly status: StatusCode | 'client_left';
  readonly message: string;
  /** Somebody else knows more: what is told of the console already is the better explanation. */
  readonly vague?: true;
}

/** What the domain wants to hear from the tunnels of this process. */
export interface TunnelListener {
  /**
   * The last check before a WebSocket is accepted. Resolves to what is in force now; throws
   * GatewayError when the console may not be joined.
   *
   * @param from address of the browser.
   */
  admit(grant: TunnelGrant, tunnelId: string, from: string): Promise<Admitted>;
  /** Somebody with a genuine token was refused; no tunnel comes of it. */
  refused(grant: TunnelGrant, from: string, error: GatewayError): void;
  /** guacd has accepted; nothing has been seen of the machine yet. */
  opened(grant: TunnelGrant, tunnelId: string): void;
  /** The first picture arrived: the machine's console is really there, as this connection. */
  pictured(grant: TunnelGrant, tunnelId: string, connection: string): void;
  /** guacd does not have the connection any more that was to be joined. */
  forgotten(grant: TunnelGrant, connection: string): void;
  /** A person whose input counts typed, clicked, touched or pasted; told each time. */
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
  /** From now on only this participant's input goes to the machine: `holder` or a viewer's id. */
  setControl(consoleId: string, participant: string): void;
  /** Ends the tunnels of viewers whom this does not name: their share is over. */
  keepViewers(consoleId: string, viewers: readonly string[]): void;
  /** Ends these tunnels; their pages ask for others, and find the connection that is watched. */
  endStrays(consoleId: string, tunnelIds: readonly string[]): void;
}
