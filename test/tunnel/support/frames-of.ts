export interface Frame {
  readonly opcode: number;
  readonly fin: boolean;
  readonly payload: Buffer;
}

/** A server's frames, as RFC 6455 section 5.2 has them. */
export function framesOf(bytes: Buffer): Frame[] {
  const frames: Frame[] = [];
  for (let at = 0; at < bytes.length; ) {
    const [first = 0, short = 0] = bytes.subarray(at, at + 2);
    const extended = short === 126 ? 2 : short === 127 ? 8 : 0;
    const size =
      extended === 0
        ? short
        : extended === 2
          ? bytes.readUInt16BE(at + 2)
          : Number(bytes.readBigUInt64BE(at + 2));
    const from = at + 2 + extended;
    const payload = bytes.subarray(from, from + size);
    frames.push({ opcode: first & 15, fin: first > 127, payload });
    at = from + size;
  }
  return frames;
}
