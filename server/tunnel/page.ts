import type { WebSocket } from 'ws';
import { STATUS, type StatusCode } from '../contract/index.ts';
import { encode } from './instruction.ts';

const TEXT = { binary: false, compress: false, fin: true } as const;
const FRAGMENT = { binary: false, compress: false, fin: false } as const;

/** What the page's tunnel (guacamole-common-js, WebSocketTunnel) is sent, and in which order. */
export class Page {
  readonly #webSocket: WebSocket;
  #midMessage = false;
  #lateEcho: Buffer | null = null;

  constructor(webSocket: WebSocket) {
    this.#webSocket = webSocket;
  }

  /** The page's tunnel counts as open with its first instruction, which names it. */
  name(tunnelId: string): void {
    this.#webSocket.send(encode(['', tunnelId]), TEXT);
  }

  /** Part of a message, or with `fin` its end. */
  frame(data: Buffer, fin: boolean): void {
    this.#webSocket.send(data, fin ? TEXT : FRAGMENT);
    this.#midMessage = !fin;
    if (fin && this.#lateEcho) this.echo(this.#lateEcho);
  }

  /** The page's own pings, which tell it that the tunnel is stable. */
  echo(pings: Buffer): void {
    // Nothing fits between the frames of a message; the last ping serves as well as all.
    this.#lateEcho = this.#midMessage ? pings : null;
    if (!this.#midMessage) this.#webSocket.send(pings, TEXT);
  }

  /**
   * `error` with our status code and Guacamole's number, `disconnect`, then the closing handshake
   * with the number in decimal as its reason, from which WebSocketTunnel takes its status.
   */
  close(status: StatusCode): void {
    if (this.#webSocket.readyState !== this.#webSocket.OPEN) return;
    const { ws, guacamole } = STATUS[status];
    const number = String(guacamole);
    if (!this.#midMessage) {
      this.#webSocket.send(encode(['error', status, number]) + encode(['disconnect']), TEXT);
    }
    this.#webSocket.close(ws, number);
  }
}
