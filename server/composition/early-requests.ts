import type { IncomingMessage, RequestListener, Server, ServerResponse } from 'node:http';

/**
 * Keeps requests that come while the rest of the gateway starts: its address is taken first, since
 * others need to know it, and a port that is open is asked at once.
 *
 * @returns how to have them answered, and all that come from then on.
 */
export function holdEarlyRequests(server: Server): (app: RequestListener) => void {
  const early: [IncomingMessage, ServerResponse][] = [];
  const hold: RequestListener = (...request) => void early.push(request);
  server.on('request', hold);
  return (app) => {
    server.off('request', hold);
    server.on('request', app);
    for (const [request, response] of early) app(request, response);
  };
}
