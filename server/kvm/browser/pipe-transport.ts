import type { Readable, Writable } from 'node:stream';
import type { ConnectionTransport } from 'puppeteer-core';

/** Chromium's DevTools protocol over two pipes: JSON messages with a zero byte after each. */
export class PipeTransport implements ConnectionTransport {
  onmessage?: (message: string) => void;
  onclose?: () => void;
  readonly #input: Writable;
  #pending: Buffer[] = [];

  constructor({ input, output }: { readonly input: Writable; readonly output: Readable }) {
    this.#input = input;
    output.on('data', (chunk: Buffer) => this.#take(chunk));
    output.once('close', () => this.onclose?.());
  }

  send(message: string): void {
    if (this.#input.writable) this.#input.write(`${message}\0`);
  }

  /** The screen ends the browser. */
  close(): void {
    this.#input.destroy();
  }

  #take(chunk: Buffer): void {
    let from = 0;
    for (let end = chunk.indexOf(0); end >= 0; end = chunk.indexOf(0, from)) {
      const message = Buffer.concat([...this.#pending, chunk.subarray(from, end)]);
      this.#pending = [];
      from = end + 1;
      this.onmessage?.(message.toString());
    }
    if (from < chunk.length) this.#pending.push(chunk.subarray(from));
  }
}
