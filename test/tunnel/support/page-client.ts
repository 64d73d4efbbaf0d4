import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type ClientOptions, WebSocket } from 'ws';
import { InstructionReader, instruction } from '../../support/instructions.ts';

export interface PageClosed {
  readonly code: number;
  readonly reason: string;
}

/**
 * Stands where the page's WebSocketTunnel would, and is as strict: text messages of whole
 * instructions only, the tunnel's name first, a status in the close reason.
 */
export class PageClient {
  readonly webSocket: WebSocket;
  /** Every message as it came. */
  readonly messages: Buffer[] = [];
  readonly closed: Promise<PageClosed>;
  readonly #reader = new InstructionReader();

  private constructor(webSocket: WebSocket) {
    this.webSocket = webSocket;
    webSocket.on('message', (data: Buffer, isBinary) => {
      assert.equal(isBinary, false, 'a binary message');
      this.messages.push(data);
      const whole = new InstructionReader();
      whole.push(data);
      whole.end(new Error('end of message'));
      this.#reader.push(data);
    });
    this.closed = new Promise((resolve) => {
      webSocket.on('close', (code, reason) => {
        this.#reader.end(new Error(`closed with ${code} ${reason.toString()}`));
        resolve({ code, reason: reason.toString() });
      });
    });
  }

  /** Resolves when the WebSocket is open; rejects with the refusal's status in the message. */
  static async open(url: string, options: ClientOptions = {}): Promise<PageClient> {
    const webSocket = new WebSocket(url, 'guacamole', options);
    const page = new PageClient(webSocket);
    await once(webSocket, 'open');
    webSocket.on('error', () => {});
    return page;
  }

  send(...elements: readonly (string | number)[]): void {
    this.webSocket.send(instruction(...elements));
  }

  /** The next instruction, opcode first. */
  read(timeout?: number): Promise<string[]> {
    return this.#reader.read(timeout);
  }

  /** The next instruction with this opcode; those before it are dropped. */
  async expect(opcode: string, timeout = 10_000): Promise<string[]> {
    for (;;) {
      const next = await this.read(timeout);
      if (next[0] === 'sync') this.send('sync', next[1] ?? '');
      if (next[0] === opcode) return next;
    }
  }

  /** The tunnel's name, which must come first. */
  async name(): Promise<string> {
    const [opcode, id, ...rest] = await this.read();
    assert.equal(opcode, '');
    assert.deepEqual(rest, []);
    return id ?? '';
  }

  stop(): void {
    this.webSocket.terminate();
  }
}
