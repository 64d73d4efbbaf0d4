import { once } from 'node:events';
import { type Server, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What a page of the portal was told, by events of its element. */
export interface PortalEvent {
  readonly type: string;
  readonly detail: Record<string, unknown>;
}

declare global {
  interface Window {
    told: PortalEvent[];
    heard: unknown[];
  }
}

/**
 * A portal of another site than the gateway's: `localhost` and `127.0.0.1` are two. Its pages are
 * whatever the path says they are, under a CSP that allows scripts of its own and of the gateway.
 */
export class PortalSite {
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
  }

  static async start(gateway: () => string): Promise<PortalSite> {
    const server = createServer((request, response) => {
      const url = new URL(request.url ?? '/', 'http://localhost');
      if (url.pathname === '/portal.js') {
        response.writeHead(200, { 'content-type': 'text/javascript' }).end(SCRIPT);
      } else if (url.pathname === '/portal.css') {
        response.writeHead(200, { 'content-type': 'text/css' }).end(STYLE);
      } else if (url.pathname === '/cookie') {
        const set = 'probe=1; SameSite=None; Secure';
        response.writeHead(200, { 'set-cookie': set, 'content-type': 'text/html' });
        response.end(`<p id="cookie">${request.headers.cookie ?? 'none'}</p>`);
      } else {
        const own = gateway();
        response.writeHead(200, {
          'content-type': 'text/html',
          'content-security-policy': `default-src 'none'; script-src 'self' ${own}; style-src 'self'; frame-src *`,
        });
        response.end(
          '<!doctype html><title>Portal</title><link rel="stylesheet" href="/portal.css">' +
            '<script src="/portal.js"></script>' +
            (url.searchParams.has('bare') ? '' : `<script src="${own}/embed.js"></script>`) +
            (url.searchParams.get('body') ?? ''),
        );
      }
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new PortalSite(server);
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  get origin(): string {
    return `http://localhost:${this.port}`;
  }

  /** The address of a page with this body. */
  page(body: string): string {
    return `${this.origin}/?body=${encodeURIComponent(body)}`;
  }

  /** The same without the element's script, which comes later or never. */
  barePage(body: string): string {
    return `${this.page(body)}&bare`;
  }

  async stop(): Promise<void> {
    this.#server.close();
    this.#server.closeAllConnections();
    await once(this.#server, 'close');
  }
}

const STYLE = '#box { width: 640px; height: 400px }';
const SCRIPT = `
  window.told = [];
  window.heard = [];
  for (const type of ['rackside-connected', 'rackside-disconnected', 'rackside-closed'])
    addEventListener(type, (event) => told.push({ type, detail: event.detail }));
  addEventListener('message', (event) => heard.push(event.data));
`;
