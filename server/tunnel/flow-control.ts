import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';

/** Bytes waiting for the browser at which guacd is no longer read. */
export const CLIENT_MARK = 64 * 1024;
/**
 * Bytes waiting for the browser at which the browser is no longer read either. Pictures alone stay
 * below (one mark and one read of guacd's): this is a browser that floods pings and reads nothing.
 */
export const FLOOD_MARK = 4 * CLIENT_MARK;

/**
 * Backpressure both ways: who does not take what it is sent makes the gateway stop reading the
 * other. Memory of a tunnel stays at the marks and one read each.
 */
export class FlowControl {
  readonly #webSocket: WebSocket;
  readonly #client: Duplex;
  readonly #guacd: Socket;
  readonly #resumed = (): void => this.#resume();

  /** `client` is the socket beneath the WebSocket. */
  constructor(webSocket: WebSocket, client: Duplex, guacd: Socket) {
    this.#webSocket = webSocket;
    this.#client = client;
    this.#guacd = guacd;
    client.on('drain', this.#resumed);
    guacd.on('drain', this.#resumed);
  }

  /** Call after each write to the browser. */
  wroteToClient(): void {
    if (this.#client.writableLength > CLIENT_MARK) this.#guacd.pause();
    if (this.#client.writableLength > FLOOD_MARK) this.#webSocket.pause();
  }

  /** Call after each write to guacd with what `write` returned. */
  wroteToGuacd(taken: boolean): void {
    if (!taken) this.#webSocket.pause();
  }

  /** Lets the browser's half of the closing handshake be read. */
  release(): void {
    this.#client.off('drain', this.#resumed);
    this.#guacd.off('drain', this.#resumed);
    if (this.#webSocket.isPaused) this.#webSocket.resume();
  }

  #resume(): void {
    if (this.#client.writableLength <= CLIENT_MARK && this.#guacd.isPaused()) this.#guacd.resume();
    const guacdTakes = !this.#guacd.writableNeedDrain;
    if (guacdTakes && this.#client.writableLength <= CLIENT_MARK && this.#webSocket.isPaused) {
      this.#webSocket.resume();
    }
  }
}
