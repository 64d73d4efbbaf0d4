import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { type Server, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import type { Page } from 'puppeteer-core';
import type { TestPage } from '../../support/browser.ts';
import type { Image } from '../../support/image.ts';

const GUACAMOLE = fileURLToPath(import.meta.resolve('guacamole-common-js'));

/** FireEdge's console page, as far as it speaks to the server: the display is all that it shows. */
const SCRIPT = `
  import Guacamole from '/guacamole.js';
  const { tunnel, token } = Object.fromEntries(new URLSearchParams(location.hash.slice(1)));
  const client = new Guacamole.Client(new Guacamole.WebSocketTunnel(tunnel));
  const display = client.getDisplay().getElement();
  display.id = 'display';
  document.body.append(display);
  client.onerror = ({ code }) => document.body.append('error ' + code);
  const keyboard = new Guacamole.Keyboard(document);
  keyboard.onkeydown = (keysym) => client.sendKeyEvent(1, keysym);
  keyboard.onkeyup = (keysym) => client.sendKeyEvent(0, keysym);
  client.connect(new URLSearchParams({ token, width: 1024, height: 768, dpi: 96 }).toString());
`;

const PAGE = `<!doctype html><title>Sunstone</title><link rel="icon" href="data:,">
<style>body { margin: 0 }</style><body><script type="module" src="/page.js"></script>`;

/** A site of its own with the page in which FireEdge shows a console by its token. */
export class FireEdgeSite {
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
  }

  static async start(): Promise<FireEdgeSite> {
    const guacamole = await readFile(GUACAMOLE, 'utf8');
    const scripts = new Map([
      ['/page.js', SCRIPT],
      ['/guacamole.js', guacamole],
    ]);
    const server = createServer(({ url = '/' }, response) => {
      const script = scripts.get(url);
      const type = script === undefined ? 'text/html' : 'text/javascript';
      response.writeHead(200, { 'content-type': type });
      response.end(script ?? PAGE);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new FireEdgeSite(server);
  }

  get origin(): string {
    return `http://localhost:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Opens the page with a token for the tunnel of the gateway at this URL. */
  async open(tab: TestPage, gateway: string, token: string): Promise<FireEdgePage> {
    const tunnel = `${gateway.replace(/^http/, 'ws')}/fireedge/guacamole`;
    const said = new URLSearchParams({ tunnel, token });
    await tab.page.goto(`${this.origin}/#${said}`, { waitUntil: 'domcontentloaded' });
    return new FireEdgePage(tab);
  }

  async stop(): Promise<void> {
    this.#server.close();
    this.#server.closeAllConnections();
    await once(this.#server, 'close');
  }
}

export class FireEdgePage {
  readonly #tab: TestPage;

  constructor(tab: TestPage) {
    this.#tab = tab;
  }

  get page(): Page {
    return this.#tab.page;
  }

  async picture(): Promise<Image> {
    const display = await this.page.waitForSelector('#display', { visible: true });
    const box = await display?.boundingBox();
    if (!box) throw new Error('there is no display');
    return this.#tab.screenshot(box);
  }
}
