import { Duplex, type Transform } from 'node:stream';

/** A stream that is read as it is, and written to through something; either ends both. */
export function writtenThrough(stream: Duplex, transform: Transform): Duplex {
  transform.pipe(stream);
  const through = Duplex.from({ readable: stream, writable: transform });
  // However it ends, its reader sees it; without a listener an error ends the process.
  through.on('error', () => undefined);
  return through;
}
