import type { Duplex } from 'node:stream';
import { GatewayError } from '../errors.ts';
import { readExactly } from '../platform/readable.ts';

/**
 * Exact reads of a stream, for a handshake. What was not read stays in the stream, which can be piped
 * afterwards.
 */
export class RfbWire {
  readonly stream: Duplex;

  constructor(stream: Duplex) {
    this.stream = stream;
  }

  /** @throws GatewayError `target_lost` when the stream ends before. */
  async read(size: number): Promise<Buffer> {
    const bytes = await readExactly(this.stream, size);
    if (bytes) return bytes;
    const { errored: cause } = this.stream;
    const how = cause ? 'broke' : 'ended';
    throw new GatewayError('target_lost', `the connection ${how} in its handshake`, { cause });
  }

  async readU8(): Promise<number> {
    return (await this.read(1)).readUInt8();
  }

  async readU32(): Promise<number> {
    return (await this.read(4)).readUInt32BE();
  }

  /**
   * A text with its length before it.
   *
   * @throws GatewayError `target_unsupported` when it is longer than `most` bytes.
   */
  async readText(most: number): Promise<string> {
    const size = await this.readU32();
    if (size > most) {
      throw new GatewayError('target_unsupported', `a text of ${size} bytes in the handshake`);
    }
    return (await this.read(size)).toString('utf8');
  }

  write(...parts: (Buffer | string | readonly number[])[]): void {
    const bytes = parts.map((part) =>
      typeof part === 'string' ? Buffer.from(part, 'latin1') : Buffer.from(part),
    );
    this.stream.write(Buffer.concat(bytes));
  }
}

export function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}
