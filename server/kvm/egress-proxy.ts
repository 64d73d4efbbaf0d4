import { once } from 'node:events';
import { type IncomingMessage, type ServerResponse, createServer, request } from 'node:http';
import { type AddressInfo, type Socket, connect } from 'node:net';
import type { Duplex } from 'node:stream';
import { TLSSocket, createSecureContext } from 'node:tls';
import { type GatewayError, toGatewayError } from '../errors.ts';
import { parseUrl } from '../platform/parse-url.ts';
import { startTls } from '../platform/tls-trust.ts';
import type { ScreenIdentity } from './screen-identity.ts';
import { asSocket } from './screen-link.ts';

/** The one address that a screen's program reaches. */
export interface Target {
  readonly host: string;
  readonly port: number;
  /** Where the gateway itself sees to its certificate; absent is left to the program. */
  readonly tls?: TargetTls | undefined;
}

/** TLS that the proxy speaks with the target, and in the target's place with the program. */
export interface TargetTls {
  /** The only one that the target may have: SHA-256 of its public key in base64. */
  readonly publicKey: string;
  /** By which the program knows the proxy. */
  readonly identity: ScreenIdentity;
  /** Told that the target has another key: `target_certificate_refused`. */
  readonly onUntrusted: (error: GatewayError) => void;
}

/** What the proxy answers itself. */
export interface Served {
  readonly type: string;
  readonly body: Buffer;
}

export interface EgressProxyOptions {
  /** Asked at each connection: a screen may be there before its target is known. Null is nowhere. */
  readonly target: () => Target | null;
  /** What it answers itself: `/path` of its own address. Null is what is not there. */
  readonly serve?: ((path: string) => Promise<Served | null>) | undefined;
  /** Told of each other address that is asked for: `host:port`. */
  readonly onRefused: (address: string) => void;
}

const ESTABLISHED = 'HTTP/1.1 200 Connection established\r\n\r\n';
/** Hop-by-hop fields of a proxy (RFC 9110 section 7.6.1). */
const HOP_BY_HOP = ['connection', 'proxy-connection', 'keep-alive', 'proxy-authorization', 'te'];

/**
 * An HTTP proxy that leads to one host, at the ports that are allowed, and refuses every other, by name
 * and by address alike: what is compared is what was asked for, and what is connected to is what was
 * configured.
 */
export class EgressProxy {
  readonly #options: EgressProxyOptions;
  readonly #server = createServer();
  readonly #streams = new Set<Duplex>();
  readonly #ports = new Set<number>();

  /** One that listens nowhere: connections are given to it. */
  constructor(options: EgressProxyOptions) {
    this.#options = options;
    this.#server.on('connection', (client: Duplex) => this.#track(client));
    this.#server.on('connect', (asked: IncomingMessage, socket: Duplex, head: Buffer) =>
      this.#connect(asked, socket, head),
    );
    this.#server.on('request', (asked: IncomingMessage, answer: ServerResponse) =>
      this.#forward(asked, answer),
    );
    this.#server.on('clientError', (_error, socket) => socket.destroy());
    // A WebSocket to a plain BMC comes as CONNECT; an upgrade here is of nobody.
    this.#server.on('upgrade', (_asked, socket: Duplex) => socket.destroy());
  }

  /** @param path a Unix socket to listen on; absent is a loopback port. */
  static async start({ path, ...options }: EgressProxyOptions & { readonly path?: string }) {
    const proxy = new EgressProxy(options);
    if (path === undefined) proxy.#server.listen(0, '127.0.0.1');
    else proxy.#server.listen(path);
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

  /** Serves a connection that has come by another way. */
  accept(client: Duplex): void {
    this.#server.emit('connection', client);
  }

  /** Ends every connection. Idempotent. */
  stop(): void {
    this.#server.close();
    for (const stream of this.#streams) stream.destroy();
  }

  #connect({ url = '' }: IncomingMessage, socket: Duplex, head: Buffer): void {
    const target = this.#allowed(splitAddress(url));
    if (!target) {
      socket.end('HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n');
      return;
    }
    const upstream = this.#track(connect(target));
    socket.once('close', () => upstream.destroy());
    socket.unshift(head);
    if (target.tls) {
      void carryTls(target.tls, upstream, socket);
      return;
    }
    upstream.once('close', () => socket.destroy());
    upstream.once('connect', () => {
      socket.write(ESTABLISHED);
      upstream.pipe(socket).pipe(upstream);
    });
  }

  #forward(asked: IncomingMessage, answer: ServerResponse): void {
    if (asked.url?.startsWith('/')) {
      void this.#serve(asked.url, answer);
      return;
    }
    const url = parseUrl(asked.url ?? '');
    const address = url && { host: bare(url.hostname), port: Number(url.port || 80) };
    const target = url?.protocol === 'http:' ? this.#allowed(address) : null;
    if (!url || !target || target.tls) {
      answer.writeHead(403).end();
      return;
    }
    const headers = Object.fromEntries(
      Object.entries(asked.headers).filter(([name]) => !HOP_BY_HOP.includes(name)),
    );
    const { host, port } = target;
    const path = url.pathname + url.search;
    const onward = request({ ...{ host, port }, method: asked.method, path, headers }, (reply) => {
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

  /** The target at the port that was asked for, where it may be. */
  #allowed(asked: Target | null): Target | null {
    const target = this.#options.target();
    if (asked && target && sameHost(asked.host, target.host)) {
      if (asked.port === target.port) return target;
      if (this.#ports.has(asked.port)) return { host: target.host, port: asked.port };
    }
    if (asked) this.#options.onRefused(`${asked.host}:${asked.port}`);
    return null;
  }

  #track<Tracked extends Duplex>(stream: Tracked): Tracked {
    this.#streams.add(stream);
    stream.on('error', () => stream.destroy());
    stream.once('close', () => this.#streams.delete(stream));
    return stream;
  }
}

/** TLS on both sides. What ends first ends the other, which still gets what was sent; never rejects. */
async function carryTls(tls: TargetTls, upstream: Socket, client: Duplex): Promise<void> {
  const { publicKey, identity, onUntrusted } = tls;
  try {
    const outer = await startTls(upstream, { publicKey });
    client.write(ESTABLISHED);
    // Over a stream that is no socket Node ends the process when that is destroyed while it writes.
    const socket = await asSocket(client);
    const secureContext = createSecureContext(identity);
    const inner = new TLSSocket(socket, { isServer: true, secureContext });
    inner.on('error', () => client.destroy());
    outer.once('close', () => inner.destroySoon());
    outer.pipe(inner).pipe(outer);
  } catch (cause) {
    const error = toGatewayError(cause);
    if (error.status === 'target_certificate_refused') onUntrusted(error);
    client.destroy();
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
