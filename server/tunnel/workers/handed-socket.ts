import type { Socket } from 'node:net';

/**
 * A socket on its way to another process. Node takes its handle off it to send it and closes that once the process
 * has acknowledged it; of a process that ends before, the handle stays open and nothing leads to it any more
 * (node:child_process, `_pendingMessage`).
 */
export class HandedSocket {
  readonly #socket: Socket;
  readonly #handle: { close(): void } | null;

  /** Before it is sent. */
  constructor(socket: Socket) {
    this.#socket = socket;
    this.#handle = Reflect.get(socket, '_handle') as { close(): void } | null;
  }

  /** Closes what of it is here: all of it, where it did not get to the other process. Idempotent. */
  close(): void {
    this.#socket.destroy();
    this.#handle?.close();
  }
}
