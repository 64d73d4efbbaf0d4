import { randomBytes, randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import type { Duplex } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { WebSocketServer, createWebSocketStream } from 'ws';
import { logBook } from '../../support/log-book.ts';
import type { ConsolePeer } from './cloud.ts';

interface Ticket {
  readonly peer: ConsolePeer | null;
  readonly server: number;
  readonly until: number;
}

/** The cloud's WebSockets: a URL is good once and for a minute, and leads to a server's screen. */
export class ConsoleDoor {
  /** How long a URL is good. ms */
  ttl = 60_000;
  /** Connections that got in. */
  opened = 0;
  readonly #tickets = new Map<string, Ticket>();
  readonly #sockets = new WebSocketServer({
    noServer: true,
    perMessageDeflate: false,
    handleProtocols: (offered) => offered.has('binary') && 'binary',
  });

  /** A new password for the server's screen, and the URL's query. */
  async issue(
    server: number,
    peer: ConsolePeer | null,
  ): Promise<{ query: string; password: string }> {
    const token = logBook.secret(randomUUID());
    const password = logBook.secret(randomBytes(16).toString('hex'));
    await peer?.setPassword(password);
    this.#tickets.set(token, { peer, server, until: Date.now() + this.ttl });
    return { query: `server_id=${server}&token=${token}`, password };
  }

  handleUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const query = new URL(request.url ?? '/', 'http://cloud').searchParams;
    const token = query.get('token') ?? '';
    const ticket = this.#tickets.get(token);
    this.#tickets.delete(token);
    const offered = (request.headers['sec-websocket-protocol'] ?? '').split(/, */);
    const good =
      ticket && ticket.until > Date.now() && String(ticket.server) === query.get('server_id');
    if (!good || !offered.includes('binary') || !ticket.peer) {
      socket.end('HTTP/1.1 401 Unauthorized\r\ncontent-length: 0\r\nconnection: close\r\n\r\n');
      return;
    }
    const { host, port } = ticket.peer;
    this.#sockets.handleUpgrade(request, socket, head, (client) => {
      this.opened += 1;
      const near = createWebSocketStream(client);
      const screen = connect(port, host);
      for (const [from, to] of [
        [near, screen],
        [screen, near],
      ] as const) {
        void pipeline(from, to).catch(() => screen.destroy());
      }
      client.once('close', () => screen.destroy());
      screen.once('close', () => client.terminate());
    });
  }

  /** Cuts every console, as the cloud does when a server is deleted. */
  cut(): void {
    for (const client of this.#sockets.clients) client.terminate();
  }
}
