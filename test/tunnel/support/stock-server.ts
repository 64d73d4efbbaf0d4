import { type ChildProcess, fork } from 'node:child_process';
import { createCipheriv, randomBytes } from 'node:crypto';
import { EventEmitter, once } from 'node:events';
import { WebSocket } from 'ws';
import { PageClient } from './page-client.ts';

const PROGRAM = new URL('./stock-guacamole-lite.mjs', import.meta.url);

interface StockEvent {
  readonly event: string;
  readonly act?: string;
  readonly id?: number;
  readonly port?: number;
  /** Milliseconds for which each connection counts as idle. */
  readonly idle?: readonly number[];
  readonly active?: number;
  readonly clients?: number;
  readonly registry?: unknown;
}

/** How the program is set up beyond its defaults. */
export type StockScenario = 'plain' | 'rejects' | 'decidesLater' | 'slowRegistry' | 'debug';

/** The stock library in a child process, with what it says and how it ends. */
export class StockServer {
  /** What it printed, on both outputs. */
  output = '';
  /** The exit code, or the signal that ended it. */
  readonly exit: Promise<number | string | null>;
  readonly #child: ChildProcess;
  readonly #key: string;
  readonly #events: StockEvent[] = [];
  readonly #emitter = new EventEmitter();
  #port = 0;

  private constructor(child: ChildProcess, key: string) {
    this.#child = child;
    this.#key = key;
    this.exit = once(child, 'exit').then(([code, signal]) => code ?? signal);
    child.stdout?.on('data', (chunk: Buffer) => void (this.output += chunk.toString()));
    child.stderr?.on('data', (chunk: Buffer) => void (this.output += chunk.toString()));
    child.on('message', (message) => {
      this.#events.push(message as StockEvent);
      this.#emitter.emit('event');
    });
  }

  static async start(
    guacd: { readonly host: string; readonly port: number },
    scenario: StockScenario = 'plain',
  ): Promise<StockServer> {
    const key = randomBytes(16).toString('hex');
    const { host, port } = guacd;
    const settings = JSON.stringify({ guacd: { host, port }, key, scenario });
    const server = new StockServer(fork(PROGRAM, [settings], { silent: true, execArgv: [] }), key);
    server.#port = (await server.next('listening')).port ?? 0;
    return server;
  }

  get url(): string {
    return `ws://127.0.0.1:${this.#port}/`;
  }

  /** The next event of this name; those before it are dropped. */
  async next(event: string, timeout = 15_000): Promise<StockEvent> {
    const deadline = AbortSignal.timeout(timeout);
    for (;;) {
      const next = this.#events.shift();
      if (next?.event === event) return next;
      if (!next) await once(this.#emitter, 'event', { signal: deadline });
    }
  }

  /** Has it act; resolves with its state afterwards. */
  do(act: 'go' | 'later' | 'report', value?: number): Promise<StockEvent> {
    this.#child.send({ act, value });
    return this.next('did');
  }

  /** A connection token as the library's documentation makes it. */
  token(settings: object, iv: Buffer = randomBytes(16)): { iv: Buffer; text: string } {
    return { iv, text: this.seal(settings, iv, iv) };
  }

  /** The same, with another initialisation vector written into it than it was encrypted with. */
  seal(content: object, encryptWith: Buffer, write: Buffer): string {
    const cipher = createCipheriv('aes-256-cbc', this.#key, encryptWith);
    const value = Buffer.concat([cipher.update(JSON.stringify(content)), cipher.final()]);
    const sealed = { iv: write.toString('base64'), value: value.toString('base64') };
    return encodeURIComponent(Buffer.from(JSON.stringify(sealed)).toString('base64'));
  }

  open(settings: object, headers: Record<string, string> = {}): Promise<PageClient> {
    return this.present(this.token({ connection: settings }).text, headers);
  }

  present(token: string, headers: Record<string, string> = {}): Promise<PageClient> {
    return PageClient.open(`${this.url}?token=${token}`, { headers });
  }

  /** A WebSocket without a query at all. */
  openBare(): WebSocket {
    const webSocket = new WebSocket(this.url);
    webSocket.on('error', () => {});
    return webSocket;
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  async stop(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.exit;
  }
}
