import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { Arrivals } from './arrivals.ts';
import { InstructionReader, instruction } from './instructions.ts';

/**
 * Stands where guacd would, and says exactly the bytes that a test wants: for what a real guacd
 * does only when it is broken. Everything else is tested with the real one.
 */
export class ScriptedGuacd {
  readonly host = '127.0.0.1';
  readonly port: number;
  readonly #server: Server;
  readonly #waiting: ScriptedConnection[] = [];
  readonly #arrivals = new Arrivals();
  readonly #open = new Set<Socket>();

  private constructor(server: Server, port: number) {
    this.#server = server;
    this.port = port;
    server.on('connection', (socket: Socket) => {
      this.#open.add(socket);
      socket.on('close', () => this.#open.delete(socket));
      this.#waiting.push(new ScriptedConnection(socket));
      this.#arrivals.came();
    });
  }

  static async start(): Promise<ScriptedGuacd> {
    // Half-open: what the other side has ended may still be written to, as a script likes.
    const server = createServer({ allowHalfOpen: true }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('no TCP address');
    return new ScriptedGuacd(server, address.port);
  }

  /** The oldest connection not yet asked for, or the next one; rejects after `timeout` ms. */
  nextConnection(timeout = 5000): Promise<ScriptedConnection> {
    return this.#arrivals.next(
      () => this.#waiting.shift(),
      timeout,
      () => `nobody connected to the scripted guacd in ${timeout} ms`,
    );
  }

  /** How many connections are open. */
  get connections(): number {
    return this.#open.size;
  }

  /** Cuts all connections and stops listening. May be called twice. */
  async stop(): Promise<void> {
    for (const socket of this.#open) socket.destroy();
    if (!this.#server.listening) return;
    this.#server.close();
    await once(this.#server, 'close');
  }
}

export class ScriptedConnection {
  readonly socket: Socket;
  /** The instructions that {@link handshake} has read, from `select` to `connect`. */
  readonly greeting: string[][] = [];
  /** Settles when the other side has closed or reset the connection. */
  readonly closed: Promise<void>;
  readonly #reader = new InstructionReader();

  constructor(socket: Socket) {
    this.socket = socket;
    socket.setNoDelay(true);
    socket.on('data', (chunk) => {
      try {
        this.#reader.push(chunk);
      } catch (error) {
        this.#reader.end(error as Error);
      }
    });
    this.closed = new Promise((resolve) => {
      const end = () => {
        this.#reader.end(new Error('the connection to the scripted guacd was closed'));
        resolve();
      };
      socket.on('error', end).on('end', end).on('close', end);
    });
  }

  /** The next instruction, opcode first. */
  readInstruction(timeout?: number): Promise<string[]> {
    return this.#reader.read(timeout);
  }

  /** Writes as it is; resolves when it is handed to the system. */
  write(data: Uint8Array | string): Promise<void> {
    return new Promise((resolve, reject) => {
      this.socket.write(data, (error) => (error ? reject(error) : resolve()));
    });
  }

  /** Writes one byte at a time, each in a segment of its own. */
  async dribble(data: Uint8Array | string): Promise<void> {
    for (const byte of Buffer.from(data)) {
      await this.write(Uint8Array.of(byte));
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  /**
   * Does guacd's half of the handshake up to `ready`; resolves with the values of `connect` by the
   * names that were asked for.
   */
  async handshake(
    version = 'VERSION_1_5_0',
    argNames: readonly string[] = ['hostname', 'port'],
  ): Promise<Record<string, string>> {
    const read = async () => {
      const next = await this.readInstruction();
      this.greeting.push(next);
      return next;
    };
    const select = await read();
    if (select[0] !== 'select') throw new Error(`expected select, got ${select[0]}`);
    await this.write(instruction('args', version, ...argNames));
    let connect = await read();
    while (connect[0] !== 'connect') connect = await read();
    await this.write(instruction('ready', '$scripted'));
    return Object.fromEntries(argNames.map((name, index) => [name, connect[index + 2] ?? '']));
  }
}
