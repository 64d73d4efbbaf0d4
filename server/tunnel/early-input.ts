import { GatewayError } from '../errors.ts';
import { MAX_CLIENT_MESSAGE } from './client-messages.ts';

/** What a page sends before guacd is ready, as much as one message may have. */
export class EarlyInput {
  readonly #messages: Buffer[] = [];
  #size = 0;

  /** @throws GatewayError `instruction_too_large` */
  keep(message: Buffer): void {
    this.#size += message.length;
    if (this.#size > MAX_CLIENT_MESSAGE) {
      const what = 'the browser sent too much before guacd was ready';
      throw new GatewayError('instruction_too_large', what);
    }
    this.#messages.push(message);
  }

  /** All of it, oldest first; nothing is kept. */
  takeAll(): Buffer[] {
    this.#size = 0;
    return this.#messages.splice(0);
  }
}
