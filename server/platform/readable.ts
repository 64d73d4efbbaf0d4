import type { Readable } from 'node:stream';

const EVENTS = ['readable', 'end', 'close', 'error'] as const;

/** Resolves when a stream that is read by hand may have more to read, or has ended, however it did. */
export function readable(stream: Readable): Promise<void> {
  return new Promise((resolve) => {
    const over = (): void => {
      for (const event of EVENTS) stream.off(event, over);
      resolve();
    };
    for (const event of EVENTS) stream.on(event, over);
  });
}
