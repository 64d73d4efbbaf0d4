import type { Duplex } from 'node:stream';
import { HEADER_ROOM, type ReadBuffers } from './read-buffers.ts';

const TEXT = 0x01;
const CONTINUATION = 0x00;
const FIN = 0x80;
/** RFC 6455 section 5.2: lengths above are in 16 bits, then in 64. */
const SEVEN_BITS = 125;
const SIXTEEN_BITS = 0xffff;

/**
 * Writes text messages onto the socket beneath a WebSocket, from the very memory that they were read
 * into: the header goes into the room in front of the payload, and both leave in one write. What the
 * socket does not take at once stays in its buffer, which is lent until the socket has drained.
 */
export class FrameWriter {
  readonly #socket: Duplex;
  readonly #buffers: ReadBuffers;
  #midMessage = false;
  #lent: Buffer | null = null;

  constructor(socket: Duplex, buffers: ReadBuffers) {
    this.#socket = socket;
    this.#buffers = buffers;
    socket.on('drain', () => this.#takeBack());
    socket.on('close', () => this.#takeBack());
  }

  /** Between two frames of one message, where nothing else may be sent. */
  get midMessage(): boolean {
    return this.#midMessage;
  }

  /**
   * Sends the bytes from `start` to `end` as a part of a message; `fin` ends it.
   *
   * @param own whether the buffer is the sender's own. One that others read into is copied.
   * @returns false when the buffer is lent: it is not to be touched, and goes back to the others by itself.
   */
  write(buffer: Buffer, start: number, end: number, fin: boolean, own: boolean): boolean {
    const size = end - start;
    const header = headerSize(size);
    const opcode = (this.#midMessage ? CONTINUATION : TEXT) | (fin ? FIN : 0);
    this.#midMessage = !fin;
    // A socket that takes no more would keep a whole buffer for a few bytes, and does not say when it
    // has taken few. What comes before the middle of a buffer may be on its way already.
    const lends =
      own &&
      start === HEADER_ROOM &&
      size >= this.#socket.writableHighWaterMark &&
      this.#socket.writableLength === 0;
    if (!lends) {
      const copy = Buffer.allocUnsafe(header + size);
      buffer.copy(copy, header, start, end);
      writeHeader(copy, 0, opcode, size);
      this.#socket.write(copy);
      return true;
    }
    writeHeader(buffer, start - header, opcode, size);
    this.#socket.write(buffer.subarray(start - header, end));
    // net writes at once what the kernel takes.
    if (this.#socket.writableLength === 0) return true;
    this.#lent = buffer;
    return false;
  }

  #takeBack(): void {
    if (this.#lent) this.#buffers.give(this.#lent);
    this.#lent = null;
  }
}

function headerSize(size: number): number {
  if (size <= SEVEN_BITS) return 2;
  return size <= SIXTEEN_BITS ? 4 : 10;
}

function writeHeader(buffer: Buffer, at: number, opcode: number, size: number): void {
  buffer[at] = opcode;
  if (size <= SEVEN_BITS) {
    buffer[at + 1] = size;
  } else if (size <= SIXTEEN_BITS) {
    buffer[at + 1] = SEVEN_BITS + 1;
    buffer.writeUInt16BE(size, at + 2);
  } else {
    buffer[at + 1] = SEVEN_BITS + 2;
    buffer.writeUInt32BE(0, at + 2);
    buffer.writeUInt32BE(size, at + 6);
  }
}
