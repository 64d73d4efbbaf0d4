import { type ConsoleEvent, consoleEvent } from '../../../server/contract/index.ts';
import { ApiError } from './api-error.ts';
import { EventStreamParser } from './event-stream.ts';
import type { ConsoleApi } from './gateway-api.ts';

/** Milliseconds between two attempts to open the stream again. */
const PAUSE = 2000;

/**
 * Follows a console's events until `signal` aborts, opening the stream again whenever it ends. A
 * refusal that no retry mends (the console is gone, we may not see it) ends the watch quietly: the
 * call that the page makes next says the same and says why.
 */
export async function watchConsole(
  api: ConsoleApi,
  listener: (event: ConsoleEvent) => void,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    try {
      const response = await api.events(signal);
      if (response.body) await read(response.body, listener);
    } catch (error) {
      if (signal.aborted || (error instanceof ApiError && !error.retry)) return;
    }
    await pause(signal);
  }
}

async function read(body: ReadableStream<BufferSource>, listener: (event: ConsoleEvent) => void) {
  const parser = new EventStreamParser();
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    for (const { data } of parser.push(value)) {
      const parsed = consoleEvent.safeParse(parseJson(data));
      if (parsed.success) listener(parsed.data);
    }
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function pause(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, PAUSE);
    signal.addEventListener('abort', () => (clearTimeout(timer), resolve()), { once: true });
  });
}
