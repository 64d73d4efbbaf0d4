import type { IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import type { Accounts } from './accounts.ts';

export interface SocketPlaces {
  /** Of a real VNC server without a password, on loopback. */
  readonly screen?: number;
  /** Of the serial line. */
  readonly serial?: number;
}

/** bmcweb's buffer for what a viewer sends. Bytes */
const MOST_FRAME = 1024;
const MOST_VIEWERS = 4;

/** The sockets of OpenBMC's web server, with a real VNC server and a real serial line behind them. */
export class OpenBmcSockets {
  /** Which of the ways to say who one is are taken. */
  accepts: readonly ('token' | 'cookie')[] = ['token', 'cookie'];
  viewers = 0;
  readonly #accounts: Accounts;
  readonly #places: SocketPlaces;
  readonly #open = new Set<WebSocket>();
  /** bmcweb says back whatever subprotocol it is told. */
  readonly #server = new WebSocketServer({
    noServer: true,
    perMessageDeflate: false,
    handleProtocols: ([first]) => first ?? false,
  });

  constructor(accounts: Accounts, places: SocketPlaces) {
    this.#accounts = accounts;
    this.#places = places;
  }

  readonly handle = (request: IncomingMessage, socket: Duplex, head: Buffer): boolean => {
    const { pathname } = new URL(request.url ?? '/', 'https://bmc');
    const { screen, serial } = this.#places;
    const port = { '/kvm/0': screen, '/console0': serial }[pathname];
    if (port === undefined) return false;
    if (!this.#isKnown(request)) {
      socket.end('HTTP/1.1 401 Unauthorized\r\nconnection: close\r\n\r\n');
      return true;
    }
    this.#server.handleUpgrade(request, socket, head, (webSocket) =>
      this.#carry(webSocket, port, pathname === '/kvm/0'),
    );
    return true;
  };

  /** Ends all of them, as a restart does. */
  cut(): void {
    for (const webSocket of this.#open) webSocket.terminate();
  }

  #isKnown({ headers }: IncomingMessage): boolean {
    const known = (one: (session: Accounts['sessions'][number]) => boolean) =>
      this.#accounts.sessions.some(one);
    const token = headers['x-auth-token'];
    if (token !== undefined) {
      return this.accepts.includes('token') && known((session) => session.token === token);
    }
    const [, cookie] = /BMCWEB-SESSION=([^;]+)/.exec(headers.cookie ?? '') ?? [];
    const xsrf = headers['sec-websocket-protocol'];
    return (
      this.accepts.includes('cookie') &&
      known((session) => session.token === cookie && session.xsrf === xsrf)
    );
  }

  #carry(webSocket: WebSocket, port: number, screen: boolean): void {
    if (screen && this.viewers >= MOST_VIEWERS) {
      webSocket.close(1000, 'Max sessions are already connected');
      return;
    }
    if (screen) this.viewers += 1;
    this.#open.add(webSocket);
    const peer = connect(port, '127.0.0.1');
    peer.on('data', (chunk: Buffer) => webSocket.send(chunk));
    peer.on('error', () => peer.destroy()).on('close', () => webSocket.close());
    webSocket.on('message', (data: Buffer) => {
      if (data.length > MOST_FRAME) webSocket.close(1009, 'too much');
      else peer.write(data);
    });
    webSocket.on('error', () => webSocket.terminate());
    webSocket.on('close', () => {
      this.#open.delete(webSocket);
      if (screen) this.viewers -= 1;
      peer.destroy();
    });
  }
}
