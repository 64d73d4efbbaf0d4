import { once } from 'node:events';
import {
  type IncomingHttpHeaders,
  type Server,
  type ServerResponse,
  createServer,
} from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Received {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** Answers the n-th call, 0 for the first; one that it does not answer hangs. */
export type Answering = (response: ServerResponse, call: number) => void;

/** A portal's own server, which keeps what it is told. */
export class Receiver {
  readonly calls: Received[] = [];
  readonly #server: Server;
  #port = 0;

  private constructor(answering: Answering) {
    this.#server = createServer((request, response) => {
      let body = '';
      request.on('data', (chunk) => (body += String(chunk)));
      request.on('end', () => {
        const { method = '', url: path = '', headers } = request;
        this.calls.push({ method, path, headers, body });
        answering(response, this.calls.length - 1);
      });
    });
  }

  static async start(
    answering: Answering = (response) => response.writeHead(204).end(),
  ): Promise<Receiver> {
    const receiver = new Receiver(answering);
    await receiver.listen();
    return receiver;
  }

  get origin(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  /** Again on the same port. */
  async listen(): Promise<void> {
    this.#server.listen(this.#port, '127.0.0.1');
    await once(this.#server, 'listening');
    this.#port = (this.#server.address() as AddressInfo).port;
  }

  /** Calls are refused from now on. May be called twice. */
  async stop(): Promise<void> {
    if (!this.#server.listening) return;
    this.#server.close();
    this.#server.closeAllConnections();
    await once(this.#server, 'close');
  }
}
