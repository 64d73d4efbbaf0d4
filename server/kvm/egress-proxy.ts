import { once } from 'node:events';
import { type IncomingMessage, type ServerResponse, createServer, request } from 'node:http';
import { type AddressInfo, type Socket, connect } from 'node:net';

import type { ScreenSpec } from './runner.ts';

export interface Target {
  readonly host: string;
  readonly port: number;
}

export interface EgressProxyOptions {
  /** The one address to which it leads. */
  readonly target: Target;
  /** A Unix socket to listen on; absent is a loopback port. */
  readonly path?: string;
  /** What it answers itself. */
  readonly serve?: ScreenSpec['serve'];
  readonly onRefused: (address: string) => void;
}

/** Hop-by-hop fields of a proxy (RFC 9110 section 7.6.1). */
const HOP_BY_HOP = ['connection', 'proxy-connection', 'keep-alive', 'proxy-authorization', 'te'];

/**
 * An HTTP proxy that leads to one host, at the ports that are allowed, and refuses every other, by name and by address
 * alike: what is compared is what was asked for, and what is connected to is what was configured.
 */
export class EgressProxy {
  readonly #options: EgressProxyOptions;
  readonly #server = createServer();
  readonly #sockets = new Set<Socket>();
  readonly #ports: Set<number>;

  private constructor(options: EgressProxyOptions) {
    this.#options = options;
    this.#ports = new Set([options.target.port]);
    this.#server.on('connection', (socket: Socket) => this.#track(socket));
    this.#server.on('connect', (asked: IncomingMessage, socket: Socket, head: Buffer) =>
      this.#connect(asked, socket, head),
    );
    this.#server.on('request', (asked: IncomingMessage, answer: ServerResponse) =>
      this.#forward(asked, answer),
    );
    this.#server.on('clientError', (_error, socket) => socket.destroy());
    // A WebSocket to a plain BMC comes as CONNECT; an upgrade here is of nobody.
    this.#server.on('upgrade', (_asked, socket: Socket) => socket.destroy());
  }

  static async start(options: EgressProxyOptions): Promise<EgressProxy> {
    const proxy = new EgressProxy(options);
    if (options.path === undefined) proxy.#server.listen(0, '127.0.0.1');
    else proxy.#server.listen(options.path);
    await once(proxy.#server, 'listening');
    return proxy;
  }

  /** `127.0.0.1:<port>`, where it listens there. */
  get address(): string {
    return `127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Leads to these ports of the host as well. */
  allowPorts(ports: readonly number[]): void {
    for (const port of ports) this.#ports.add(port);
  }

  /** Ends every connection. Idempotent. */
  stop(): void {
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
  }

  #connect({ url = '' }: IncomingMessage, socket: Socket, head: Buffer): void {
    const address = splitAddress(url);
    if (!this.#isAllowed(address)) {
      socket.end('HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n');
      return;
    }
    const { host } = this.#options.target;
    const upstream = this.#track(connect({ host, port: address.port }));
    upstream.once('error', () => socket.destroy());
    upstream.once('close', () => socket.destroy());
    socket.once('close', () => upstream.destroy());
    upstream.once('connect', () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
      upstream.write(head);
      upstream.pipe(socket).pipe(upstream);
    });
  }

  #forward(asked: IncomingMessage, answer: ServerResponse): void {
    if (asked.url?.startsWith('/')) {
      void this.#serve(asked.url, answer);
      return;
    }
    const url = URL.canParse(asked.url ?? '') ? new URL(asked.url ?? '') : null;
    const address = url && { host: bare(url.hostname), port: Number(url.port || 80) };
    if (url?.protocol !== 'http:' || !address || !this.#isAllowed(address)) {
      answer.writeHead(403).end();
      return;
    }
    const headers = Object.fromEntries(
      Object.entries(asked.headers).filter(([name]) => !HOP_BY_HOP.includes(name)),
    );
    const { host } = this.#options.target;
    const { port } = address;
    const path = url.pathname + url.search;
    const onward = request({ host, port, method: asked.method, path, headers }, (reply) => {
      answer.writeHead(reply.statusCode ?? 502, reply.headers);
      reply.pipe(answer);
    });
    onward.on('error', () => answer.destroy());
    answer.on('close', () => onward.destroy());
    asked.pipe(onward);
  }

  async #serve(path: string, answer: ServerResponse): Promise<void> {
    const served = await this.#options.serve?.(path).catch(() => null);
    if (served) answer.writeHead(200, { 'content-type': served.type }).end(served.body);
    else answer.writeHead(404).end();
  }

  #isAllowed(asked: Target | null): asked is Target {
    const { target, onRefused } = this.#options;
    if (asked && this.#ports.has(asked.port) && sameHost(asked.host, target.host)) return true;
    if (asked) onRefused(`${asked.host}:${asked.port}`);
    return false;
  }

  #track(socket: Socket): Socket {
    this.#sockets.add(socket);
    socket.on('error', () => socket.destroy());
    socket.once('close', () => this.#sockets.delete(socket));
    return socket;
  }
}

function splitAddress(text: string): Target | null {
  const found = /^(.+):(\d{1,5})$/.exec(text);
  return found ? { host: bare(found[1] ?? ''), port: Number(found[2]) } : null;
}

function bare(host: string): string {
  return host.replace(/^\[(.*)\]$/, '$1');
}

function sameHost(left: string, right: string): boolean {
  return bare(left).toLowerCase() === bare(right).toLowerCase();
}
