import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';
import type { TunnelMetrics } from './tunnel-metrics.ts';

/**
 * Bytes waiting for a viewer's browser at which guacd is no longer read. guacd writes to the users of a connection one after the other, and waits for
 * each: a whole screen's first picture must find room here, however slow the viewer's line is.
 */
export const VIEWER_MARK = 4 * 1024 * 1024;
/**
 * Bytes above the mark at which the browser is no longer read either. Pictures alone stay below (one
 * read of guacd's): this is a browser that floods pings and reads nothing.
 */
export const FLOOD = 192 * 1024;

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
  readonly #waiting: TunnelMetrics['waiting'];
  readonly #mark: number;
  #holding: NodeJS.Timeout | undefined;
  /** guacd is not read, for the browser takes nothing. */
  #waitsForBrowser = false;
  /** The browser is not read, for guacd takes nothing. */
  #waitsForGuacd = false;
  readonly #resumed = (): void => this.#resume();

  /** `client` is the socket beneath the WebSocket; `waiting` is told how long either was not read. */
  constructor(
    webSocket: WebSocket,
    client: Duplex,
    guacd: Socket,
    pace: Pace,
    waiting: TunnelMetrics['waiting'],
  ) {
    this.#webSocket = webSocket;
    this.#client = client;
    this.#guacd = guacd;
    this.#pace = pace;
    this.#waiting = waiting;
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
    if (taken) return;
    if (!this.#waitsForGuacd) this.#waiting.guacd.begin(performance.now());
    this.#waitsForGuacd = true;
    this.#webSocket.pause();
  }

  /** Whether the browser is not read through no fault of its own. */
  get waitsForGuacd(): boolean {
    return this.#waitsForGuacd;
  }

  /** Lets the browser's half of the closing handshake be read. */
  release(): void {
    this.#stopWaitingForBrowser();
    this.#stopWaitingForGuacd();
    this.#client.off('drain', this.#resumed);
    this.#guacd.off('drain', this.#resumed);
    if (this.#webSocket.isPaused) this.#webSocket.resume();
  }

  #hold(): void {
    if (this.#waitsForBrowser) return;
    this.#waitsForBrowser = true;
    this.#waiting.browser.begin(performance.now());
    const { held } = this.#pace;
    if (held) this.#holding = setTimeout(held.act, held.after);
    this.#guacd.pause();
  }

  #resume(): void {
    const clientTakes = this.#client.writableLength <= this.#mark;
    if (clientTakes && this.#waitsForBrowser) {
      this.#stopWaitingForBrowser();
      this.#guacd.resume();
    }
    const guacdTakes = !this.#guacd.writableNeedDrain;
    if (guacdTakes) this.#stopWaitingForGuacd();
    if (guacdTakes && clientTakes && this.#webSocket.isPaused) {
      this.#webSocket.resume();
    }
  }

  #stopWaitingForBrowser(): void {
    clearTimeout(this.#holding);
    if (this.#waitsForBrowser) this.#waiting.browser.end(performance.now());
    this.#waitsForBrowser = false;
  }

  #stopWaitingForGuacd(): void {
    if (this.#waitsForGuacd) this.#waiting.guacd.end(performance.now());
    this.#waitsForGuacd = false;
  }
}
