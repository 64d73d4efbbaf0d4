import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';

/**
 * Bytes waiting for a viewer's browser at which guacd is no longer read. guacd writes to the users of a connection one after the other, and waits for
 * each: a whole screen's first picture must find room here, however slow the viewer's line is.
 */
export const VIEWER_MARK = 4 * 1024 * 1024;
/**
 * Bytes above the mark at which the browser is no longer read either. Pictures alone stay below (one
 * read of guacd's): this is a browser that floods pings and reads nothing.
 */
const FLOOD = 192 * 1024;

export interface Pace {
  /**
   * Bytes waiting for the browser at which guacd is no longer read. Absent: nearly at once, at the
   * socket's own high-water mark, for what waits stays in the buffer that it was read into. Never
   * below that one, which differs between Node's versions: no `drain` comes there.
   */
  readonly mark?: number;
  /** What is done when guacd was not read for so many milliseconds at a stretch; absent: nothing. */
  readonly held?: { readonly after: number; readonly act: () => void };
}

/**
 * Backpressure both ways: who does not take what it is sent makes the gateway stop reading the
 * other. Memory of a tunnel stays at the marks and one read each.
 */
export class FlowControl {
  readonly #webSocket: WebSocket;
  readonly #client: Duplex;
  readonly #guacd: Socket;
  readonly #pace: Pace;
  readonly #mark: number;
  #holding: NodeJS.Timeout | undefined;
  readonly #resumed = (): void => this.#resume();

  /** `client` is the socket beneath the WebSocket. */
  constructor(webSocket: WebSocket, client: Duplex, guacd: Socket, pace: Pace) {
    this.#webSocket = webSocket;
    this.#client = client;
    this.#guacd = guacd;
    this.#pace = pace;
    this.#mark = Math.max(pace.mark ?? 0, client.writableHighWaterMark - 1);
    client.on('drain', this.#resumed);
    guacd.on('drain', this.#resumed);
  }

  /** Call after each write to the browser. */
  wroteToClient(): void {
    if (this.#client.writableLength > this.#mark) this.#hold();
    if (this.#client.writableLength > this.#mark + FLOOD) this.#webSocket.pause();
  }

  /** Call after each write to guacd with what `write` returned. */
  wroteToGuacd(taken: boolean): void {
    if (!taken) this.#webSocket.pause();
  }

  /** Lets the browser's half of the closing handshake be read. */
  release(): void {
    clearTimeout(this.#holding);
    this.#client.off('drain', this.#resumed);
    this.#guacd.off('drain', this.#resumed);
    if (this.#webSocket.isPaused) this.#webSocket.resume();
  }

  #hold(): void {
    const { held } = this.#pace;
    if (held && !this.#guacd.isPaused()) this.#holding = setTimeout(held.act, held.after);
    this.#guacd.pause();
  }

  #resume(): void {
    const clientTakes = this.#client.writableLength <= this.#mark;
    if (clientTakes && this.#guacd.isPaused()) {
      clearTimeout(this.#holding);
      this.#guacd.resume();
    }
    const guacdTakes = !this.#guacd.writableNeedDrain;
    if (guacdTakes && clientTakes && this.#webSocket.isPaused) {
      this.#webSocket.resume();
    }
  }
}
