import { once } from 'node:events';
import { type AddressInfo, type Server, type Socket, connect, createServer } from 'node:net';

/**
 * A network between a client and a server on loopback. Whoever starts it may name the server
 * later, since a gateway wants to know the address that browsers use before it has its own port.
 */
export class TcpProxy {
  readonly host = '127.0.0.1';
  readonly port: number;
  /** Where connections lead to, from the next one on. */
  targetPort: number | null = null;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #cut = false;
  #paused = false;

  private constructor(server: Server) {
    this.#server = server;
    this.port = (server.address() as AddressInfo).port;
    server.on('connection', (outside: Socket) => this.#connected(outside));
  }

  static async start(): Promise<TcpProxy> {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new TcpProxy(server);
  }

  get url(): string {
    return `http://${this.host}:${this.port}`;
  }

  /** Ends every connection at once, and each new one until `resume`. */
  cut(): void {
    this.#cut = true;
    this.drop();
  }

  /** Ends every connection at once; new ones are let through. */
  drop(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  /** Nothing gets through any more, and nobody is told. */
  pause(): void {
    this.#paused = true;
    for (const socket of this.#sockets) socket.pause();
  }

  /** Lets everything through again; after `pause` also what was waiting. */
  resume(): void {
    this.#cut = false;
    this.#paused = false;
    for (const socket of this.#sockets) socket.resume();
  }

  /** May be called twice. */
  async stop(): Promise<void> {
    this.cut();
    if (!this.#server.listening) return;
    this.#server.close();
    await once(this.#server, 'close');
  }

  #connected(outside: Socket): void {
    outside.on('error', () => undefined);
    if (this.#cut || this.targetPort === null) {
      outside.destroy();
      return;
    }
    const inside = connect({ host: this.host, port: this.targetPort });
    for (const [socket, other] of [
      [outside, inside],
      [inside, outside],
    ] as const) {
      this.#sockets.add(socket);
      socket.setNoDelay(true);
      socket.on('error', () => undefined);
      socket.on('close', () => {
        this.#sockets.delete(socket);
        other.destroy();
      });
      socket.on('data', (chunk) => {
        if (other.write(chunk)) return;
        socket.pause();
        other.once('drain', () => this.#paused || socket.resume());
      });
      if (this.#paused) socket.pause();
    }
  }
}
