import type { WebSocket } from 'ws';
import { STATUS, type StatusCode } from '../contract/index.ts';
import type { FrameWriter } from './frame-writer.ts';
import { encode } from './instruction.ts';

const TEXT = { binary: false, compress: false, fin: true } as const;

/** What the page's tunnel (guacamole-common-js, WebSocketTunnel) is sent, and in which order. */
export class Page {
  readonly #webSocket: WebSocket;
  readonly #writer: FrameWriter;
  #lateEcho: Buffer | null = null;

  constructor(webSocket: WebSocket, writer: FrameWriter) {
    this.#webSocket = webSocket;
    this.#writer = writer;
  }

  /** The page's tunnel counts as open with its first instruction, which names it. */
  name(tunnelId: string): void {
    this.#webSocket.send(encode(['', tunnelId]), TEXT);
  }

  /** Part of a message: see FrameSink. */
  frame(buffer: Buffer, start: number, end: number, fin: boolean, own: boolean): boolean {
    if (this.#webSocket.readyState !== this.#webSocket.OPEN) return true;
    const free = this.#writer.write(buffer, start, end, fin, own);
    if (fin && this.#lateEcho) this.echo(this.#lateEcho);
    return free;
  }

  /** The page's own pings, which tell it that the tunnel is stable. */
  echo(pings: Buffer): void {
    // Nothing fits between the frames of a message; the last ping serves as well as all.
    this.#lateEcho = this.#writer.midMessage ? pings : null;
    if (!this.#writer.midMessage) this.#webSocket.send(pings, TEXT);
  }

  /**
   * `error` with our status code and Guacamole's number, `disconnect`, then the closing handshake
   * with the number in decimal as its reason, from which WebSocketTunnel takes its status.
   */
  close(status: StatusCode): void {
    if (this.#webSocket.readyState !== this.#webSocket.OPEN) return;
    const { ws, guacamole } = STATUS[status];
    const number = String(guacamole);
    if (!this.#writer.midMessage) {
      this.#webSocket.send(encode(['error', status, number]) + encode(['disconnect']), TEXT);
    }
    this.#webSocket.close(ws, number);
  }
}
