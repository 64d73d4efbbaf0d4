import { once } from 'node:events';
import { type Server, type Socket, connect, createServer } from 'node:net';
import type { AddressInfo } from 'node:net';

/**
 * A door in front of a machine's port: while it is shut, nothing listens there and every
 * connection through it is cut, as when the server behind were gone.
 */
export class Door {
  readonly host = '127.0.0.1';
  readonly port: number;
  readonly #server: Server;
  readonly #through = new Set<Socket>();

  private constructor(server: Server, target: { host: string; port: number }) {
    this.#server = server;
    this.port = (server.address() as AddressInfo).port;
    server.on('connection', (outside: Socket) => {
      const inside = connect({ host: target.host, port: target.port });
      for (const [socket, other] of [
        [outside, inside],
        [inside, outside],
      ] as const) {
        this.#through.add(socket);
        socket.on('error', () => undefined);
        socket.on('close', () => {
          this.#through.delete(socket);
          other.destroy();
        });
        socket.pipe(other);
      }
    });
  }

  static async start(target: { host: string; port: number }): Promise<Door> {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new Door(server, target);
  }

  async open(): Promise<void> {
    if (this.#server.listening) return;
    this.#server.listen(this.port, this.host);
    await once(this.#server, 'listening');
  }

  async shut(): Promise<void> {
    if (!this.#server.listening) return;
    for (const socket of this.#through) socket.destroy();
    this.#server.close();
    await once(this.#server, 'close');
  }

  stop(): Promise<void> {
    return this.shut();
  }
}
