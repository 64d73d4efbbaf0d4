import type { ConsoleEvent } from '../../../server/contract/index.ts';
import { GatewayClientError } from '../../../server/gateway-client/gateway-client-error.ts';
import { faultOf, isRetryable } from './fault-code.ts';
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
      for await (const event of api.events(signal)) listener(event);
    } catch (error) {
      if (signal.aborted || isRefusal(error)) return;
    }
    await pause(signal);
  }
}

/** A stream that breaks off is none: it throws what fetch does. */
function isRefusal(error: unknown): boolean {
  return error instanceof GatewayClientError && !isRetryable(faultOf(error));
}

function pause(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, PAUSE);
    signal.addEventListener('abort', () => (clearTimeout(timer), resolve()), { once: true });
  });
}
