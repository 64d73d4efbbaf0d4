import { X509Certificate, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { type Server, createServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { WebSocketServer, type WebSocket } from 'ws';
import { makeCertificate } from '../../support/certificate.ts';
import { logBook } from '../../support/log-book.ts';

/** What a BMC can be asked to do otherwise than it should. */
export type BmcFault =
  | 'no-location'
  | 'restarting'
  | 'no-redfish'
  | 'licence'
  | 'changed'
  | 'redirect'
  | 'popup'
  | 'own-popup'
  | 'dialog'
  | 'clinging';

export interface SiteRequest {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingMessage['headers'];
  readonly cookies: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface SiteAnswer {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string | string[]>>;
  /** Text is a page, bytes are bytes, anything else JSON. */
  readonly body?: string | object;
}

/** One maker's pages. */
export interface BmcPages {
  answer(request: SiteRequest): SiteAnswer | Promise<SiteAnswer>;
  /** Whether this upgrade is of a console of somebody who is signed in. */
  mayConnect(request: SiteRequest): boolean;
}

export interface InputSeen {
  readonly type: string;
  readonly key?: string;
  readonly ctrlKey?: boolean;
  readonly altKey?: boolean;
  readonly x?: number;
  readonly y?: number;
}

const LOCKED_AFTER = 3;
const TLS = {
  today: {},
  old: { minVersion: 'TLSv1', maxVersion: 'TLSv1', ciphers: 'DEFAULT@SECLEVEL=0' },
} as const;

/** Calls that are answered when a test says so. */
export class HeldCalls {
  /** How many wait, or are being answered. */
  count = 0;
  readonly #answered: Promise<void>;
  #answer = (): void => undefined;

  constructor() {
    this.#answered = new Promise((resolve) => {
      this.#answer = resolve;
    });
  }

  /** These, and those that come. */
  answer(): void {
    this.#answer();
  }

  async wait<T>(answer: () => T | Promise<T>): Promise<T> {
    this.count += 1;
    await this.#answered;
    try {
      return await answer();
    } finally {
      this.count -= 1;
    }
  }
}

/**
 * A BMC's web server: self-signed TLS, accounts that lock, so many sessions and so many consoles at a
 * time, each kept until it is given back. What its pages look like is its maker's.
 */
export class BmcSite {
  readonly username = 'ADMIN';
  readonly password = logBook.secret(randomBytes(9).toString('base64url'));
  readonly url: string;
  readonly fingerprint: string;
  readonly ca: string;
  /** `GET /path` in the order in which they came. */
  readonly calls: string[] = [];
  /** Keys and clicks that came to the console, oldest first. */
  readonly inputs: InputSeen[] = [];
  /** How each console's connection ended: 1001 is a page that was left, 1006 a browser that died. */
  readonly endings: number[] = [];
  /** Tokens of those who are signed in. */
  readonly sessions = new Set<string>();
  readonly faults = new Set<BmcFault>();
  mostSessions = 3;
  mostConsoles = 1;
  readonly #server: Server;
  readonly #consoles = new Set<WebSocket>();
  readonly #sockets = new Set<Socket>();
  readonly #held = new Map<string, HeldCalls>();
  #wrong = 0;

  private constructor(server: Server, cert: string) {
    this.#server = server;
    this.url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
    this.ca = cert;
    this.fingerprint = new X509Certificate(cert).fingerprint256;
  }

  /** @param tls of which time its TLS and its certificate are. */
  static async start(
    make: (site: BmcSite) => BmcPages,
    tls: keyof typeof TLS = 'today',
  ): Promise<BmcSite> {
    const { key, cert } = await makeCertificate(tls);
    const server = createServer({ key, cert, ...TLS[tls] }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const site = new BmcSite(server, cert);
    const pages = make(site);
    const upgrades = new WebSocketServer({ noServer: true });
    server.on('connection', (socket: Socket) => {
      site.#sockets.add(socket);
      socket.once('close', () => site.#sockets.delete(socket));
    });
    server.on('request', (request, response) => void site.#answer(pages, request, response));
    server.on('upgrade', (request, socket, head) => {
      if (!pages.mayConnect(parse(request, site.url, '')) || site.consolesFull) {
        socket.end('HTTP/1.1 403 Forbidden\r\n\r\n');
        return;
      }
      upgrades.handleUpgrade(request, socket, head, (console) => site.#connected(console));
    });
    return site;
  }

  /** Consoles that are in use. */
  get consoles(): number {
    return this.#consoles.size;
  }

  get consolesFull(): boolean {
    return this.#consoles.size >= this.mostConsoles;
  }

  /** What was typed, of keys that make a character. */
  get typed(): string {
    return this.inputs
      .filter(({ type, key }) => type === 'keydown' && key?.length === 1)
      .map(({ key }) => key)
      .join('');
  }

  /** A new session's token, or why there is none. */
  login(username: unknown, password: unknown): { token: string } | 'wrong' | 'locked' | 'full' {
    if (this.#wrong >= LOCKED_AFTER) return 'locked';
    if (username !== this.username || password !== this.password) {
      this.#wrong += 1;
      return 'wrong';
    }
    this.#wrong = 0;
    if (this.sessions.size >= this.mostSessions) return 'full';
    const token = logBook.secret(randomBytes(16).toString('hex'));
    this.sessions.add(token);
    return { token };
  }

  /** Calls such as `POST /login` wait from now on. */
  hold(call: string): HeldCalls {
    const held = new HeldCalls();
    this.#held.set(call, held);
    return held;
  }

  /** For whoever connects from now on. PEM */
  useCertificate(certificate: { readonly key: string; readonly cert: string }): void {
    this.#server.setSecureContext(certificate);
  }

  lock(): void {
    this.#wrong = LOCKED_AFTER;
  }

  /** As a restart does: everybody is out. */
  restart(): void {
    this.sessions.clear();
    for (const console of this.#consoles) console.terminate();
  }

  async stop(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    if (!this.#server.listening) return;
    this.#server.close();
    await once(this.#server, 'close');
  }

  async #answer(
    pages: BmcPages,
    incoming: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> {
    let text = '';
    for await (const chunk of incoming) text += String(chunk);
    const request = parse(incoming, this.url, text);
    const call = `${request.method} ${request.path}`;
    this.calls.push(call);
    if (this.faults.has('no-redfish') && request.path.startsWith('/redfish/')) {
      incoming.socket.destroy();
      return;
    }
    if (this.faults.has('restarting')) {
      response.writeHead(503).end();
      return;
    }
    const answer = () => pages.answer(request);
    const held = this.#held.get(call);
    const { status = 200, headers = {}, body = '' } = await (held ? held.wait(answer) : answer());
    const type = typeof body === 'string' ? 'text/html; charset=utf-8' : 'application/json';
    response.writeHead(status, { 'content-type': type, ...headers });
    const isPlain = typeof body === 'string' || Buffer.isBuffer(body);
    response.end(isPlain ? body : JSON.stringify(body));
  }

  #connected(console: WebSocket): void {
    this.#consoles.add(console);
    console.on('message', (data) =>
      this.inputs.push(JSON.parse((data as Buffer).toString()) as InputSeen),
    );
    console.on('error', () => console.terminate());
    console.once('close', (code) => {
      this.#consoles.delete(console);
      this.endings.push(code);
    });
  }
}

export const NOT_FOUND: SiteAnswer = {
  status: 404,
  body: '<!DOCTYPE html><title>Not found</title>',
};

export function redirect(location: string, headers: SiteAnswer['headers'] = {}): SiteAnswer {
  return { status: 302, headers: { location, ...headers } };
}

function parse(incoming: IncomingMessage, base: string, body: string): SiteRequest {
  const { pathname: path, searchParams: query } = new URL(incoming.url ?? '/', base);
  const { method = 'GET', headers } = incoming;
  const pairs = (headers.cookie ?? '').split('; ').filter(Boolean);
  const cookies = Object.fromEntries(
    pairs.map((pair) => [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)]),
  );
  return { method, path, query, headers, cookies, body };
}
