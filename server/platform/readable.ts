import type { Readable } from 'node:stream';

const EVENTS = ['readable', 'end', 'close', 'error'] as const;

/**
 * Resolves when a stream that was read empty has more to read, or has ended, however it did. One that
 * was not read empty has at once, again and again: nothing else of the process would run.
 *
 * @param signal ends the stream when nobody waits any more.
 */
export function readable(stream: Readable, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const giveUp = (): void => void stream.destroy();
    const over = (): void => {
      for (const event of EVENTS) stream.off(event, over);
      signal?.removeEventListener('abort', giveUp);
      resolve();
    };
    for (const event of EVENTS) stream.on(event, over);
    signal?.addEventListener('abort', giveUp);
    if (signal?.aborted) giveUp();
  });
}

/** So many bytes of a stream; what comes after them stays in it. Undefined where it ends before. */
export async function readExactly(stream: Readable, size: number): Promise<Buffer | undefined> {
  let found = Buffer.alloc(0);
  while (found.length < size) {
    const chunk = stream.read() as Buffer | null;
    if (chunk) found = Buffer.concat([found, chunk]);
    else if (stream.readableEnded || stream.destroyed) return undefined;
    else await readable(stream);
  }
  if (found.length > size) stream.unshift(found.subarray(size));
  return found.subarray(0, size);
}
