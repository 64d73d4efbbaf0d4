/**
 * Bytes in front of what is read, for a WebSocket frame's header: RFC 6455 section 5.2, the longest
 * that a server sends.
 */
export const HEADER_ROOM = 10;
/** Of a buffer of one's own, without the room for the header. More at once gains nothing. Bytes. */
export const OWN_SIZE = 128 * 1024;
const SHARED_SIZE = 64 * 1024;
/** Buffers that are kept for the next session that streams: 8 MB. */
const MOST_FREE = 64;

/**
 * What guacd's sockets read into. A session that streams has a large buffer of its own; all that are
 * quiet read into one and the same, out of which everything is taken before the next read.
 */
export class ReadBuffers {
  readonly shared = allocate(SHARED_SIZE);
  readonly #free: Buffer[] = [];

  take(): Buffer {
    return this.#free.pop() ?? allocate(OWN_SIZE);
  }

  /** Nobody reads or writes it any more. */
  give(buffer: Buffer): void {
    if (this.#free.length < MOST_FREE) this.#free.push(buffer);
  }
}

function allocate(size: number): Buffer {
  return Buffer.allocUnsafeSlow(HEADER_ROOM + size);
}
