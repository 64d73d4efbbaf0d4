import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { InstructionReader, instruction } from './instructions.ts';

/** A hand-written Guacamole client, to see that guacd reaches a peer with nothing of ours between. */
export class GuacdClient {
  readonly #socket: Socket;
  readonly #reader = new InstructionReader();

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('data', (chunk) => this.#reader.push(chunk));
    socket.on('error', (error) => this.#reader.end(error));
    socket.on('close', () => this.#reader.end(new Error('guacd closed the connection')));
  }

  /** Shakes hands and asks for a connection; resolves with guacd's `ready`. */
  static async open(
    port: number,
    protocol: string,
    parameters: Record<string, string | number>,
    { width = 1024, height = 768, dpi = 96 } = {},
  ): Promise<GuacdClient> {
    const socket = connect({ host: '127.0.0.1', port });
    await once(socket, 'connect');
    const client = new GuacdClient(socket);
    client.send('select', protocol);
    const [version = '', ...names] = (await client.expect('args')).slice(1);
    client.send('size', width, height, dpi);
    client.send('audio');
    client.send('video');
    client.send('image', 'image/png');
    client.send('timezone', 'UTC');
    client.send('connect', version, ...names.map((name) => parameters[name] ?? ''));
    await client.expect('ready');
    return client;
  }

  send(...elements: readonly (string | number)[]): void {
    this.#socket.write(instruction(...elements));
  }

  /**
   * The next instruction with this opcode; those before it are dropped. A `sync` is answered, as
   * guacd waits for that. Rejects when guacd reports an error, with "guacd error <status>", unless
   * `error` is what is expected.
   */
  async expect(opcode: string, timeout = 10_000): Promise<string[]> {
    const deadline = performance.now() + timeout;
    for (;;) {
      const next = await this.#reader.read(Math.max(1, deadline - performance.now()));
      if (next[0] === 'sync') this.send('sync', next[1] ?? '');
      if (next[0] === opcode) return next;
      if (next[0] === 'error') throw new Error(`guacd error ${next[2]}: ${next[1]}`);
    }
  }

  /** Presses and releases one key after the other; ASCII only, \n is Return. */
  type(text: string): void {
    for (const character of text) {
      const keysym = character === '\n' ? 0xff0d : character.charCodeAt(0);
      this.send('key', keysym, 1);
      this.send('key', keysym, 0);
    }
  }

  stop(): void {
    this.#socket.destroy();
  }
}
