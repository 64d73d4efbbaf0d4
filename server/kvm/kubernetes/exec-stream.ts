import { once } from 'node:events';
import { Duplex } from 'node:stream';
import { WebSocket } from 'ws';

/** First byte of each message (kubernetes/kubernetes, cri/streaming/remotecommand). */
const [STDIN, STDOUT, STDERR, ERROR] = [0, 1, 2, 3];
/** Of version 5: the channel in the second byte is at its end. */
const CLOSE = 255;
const PROTOCOLS = ['v5.channel.k8s.io', 'v4.channel.k8s.io'];
const MOST_WORDS = 8192;
const MOST_PAYLOAD = 16 * 1024 * 1024;

export interface ExecOptions {
  readonly headers: Readonly<Record<string, string>>;
  /** PEM */
  readonly ca: string;
  readonly signal: AbortSignal;
}

/** A refused upgrade, with what the API says of it. */
export class ExecRefused extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** Standard input and output of a command in a pod. */
export class ExecStream extends Duplex {
  readonly #socket: WebSocket;
  #words = '';

  private constructor(socket: WebSocket) {
    super();
    this.#socket = socket;
    socket.on('message', (data: Buffer) => this.#take(data));
    socket.once('close', () => {
      this.push(null);
      this.destroy();
    });
  }

  /** @throws ExecRefused; Error when the API cannot be reached. */
  static async open(url: URL, { headers, ca, signal }: ExecOptions): Promise<ExecStream> {
    const socket = new WebSocket(url, PROTOCOLS, {
      headers: { ...headers },
      ...{ ca, perMessageDeflate: false, followRedirects: false, maxPayload: MOST_PAYLOAD },
    });
    const giveUp = (): void => socket.terminate();
    // The first listener, and one that stays: without it an error ends the process.
    socket.on('error', () => undefined);
    signal.addEventListener('abort', giveUp, { once: true });
    try {
      signal.throwIfAborted();
      const refused = new Promise<never>((_resolve, reject) => {
        socket.once('unexpected-response', (_request, response) => {
          let body = '';
          response.on('data', (chunk: Buffer) => {
            body = (body + chunk.toString()).slice(0, MOST_WORDS);
          });
          response.once('close', () => {
            reject(new ExecRefused(response.statusCode ?? 0, body));
            socket.terminate();
          });
        });
      });
      await Promise.race([once(socket, 'open'), refused]);
      return new ExecStream(socket);
    } finally {
      signal.removeEventListener('abort', giveUp);
    }
  }

  /** What it has printed as errors, and what the API says of its end. */
  get words(): string {
    return this.#words.trim();
  }

  override _read(): void {
    this.#socket.resume();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error) => void): void {
    this.#socket.send(Buffer.concat([Buffer.of(STDIN), chunk]), done);
  }

  override _final(done: (error?: Error) => void): void {
    if (this.#socket.protocol === PROTOCOLS[0]) this.#socket.send(Buffer.of(CLOSE, STDIN));
    else this.#socket.close();
    done();
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#socket.terminate();
    done(error);
  }

  #take(data: Buffer): void {
    const rest = data.subarray(1);
    const [channel] = data;
    // An end of a channel is followed by the end of all.
    if (channel === STDERR || channel === ERROR) {
      this.#words = `${this.#words}${rest.toString()}\n`.slice(-MOST_WORDS);
    } else if (channel === STDOUT && !this.push(rest)) this.#socket.pause();
  }
}
