import { once } from 'node:events';
import rfb, { type RfbClient } from 'rfb2';
import type { Endpoint } from '../../../server/providers/provider.ts';
import { grabFramebuffer } from '../../support/framebuffer.ts';
import type { Image } from '../../support/image.ts';

const SHIFT = 0xffe1;

/** Somebody who looks at an endpoint by VNC and types. */
export class Viewer {
  readonly #client: RfbClient;
  readonly #where: { host: string; port: number; password: string };

  private constructor(client: RfbClient, where: { host: string; port: number; password: string }) {
    this.#client = client;
    this.#where = where;
  }

  static async connect({
    host,
    port,
    parameters = {},
  }: Pick<Endpoint, 'host' | 'port'> & Partial<Endpoint>): Promise<Viewer> {
    const where = { host, port, password: parameters['password'] ?? '' };
    const client = rfb.createConnection({ ...where, encodings: [rfb.encodings.raw] });
    await once(client, 'connect');
    // One that is being ended by the other side is no news.
    client.on('error', () => undefined);
    return new Viewer(client, where);
  }

  /** Presses all and releases them again, by keysym or character. */
  type(...keys: (number | string)[]): true {
    const keysyms = keys.map((key) => (typeof key === 'number' ? key : (key.codePointAt(0) ?? 0)));
    for (const keysym of keysyms) this.#client.keyEvent(keysym, 1);
    for (const keysym of keysyms.toReversed()) this.#client.keyEvent(keysym, 0);
    return true;
  }

  typeText(text: string): void {
    for (const char of text) {
      if (/[A-Z!"]/.test(char)) this.type(SHIFT, char);
      else this.type(char);
    }
  }

  click(x: number, y: number, button = 1): false {
    this.#client.pointerEvent(x, y, 0);
    this.#client.pointerEvent(x, y, 1 << (button - 1));
    this.#client.pointerEvent(x, y, 0);
    return false;
  }

  grab(): Promise<Image> {
    return grabFramebuffer(this.#where);
  }

  stop(): void {
    this.#client.end();
  }
}
