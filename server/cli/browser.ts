import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A browser that has to be started first is given this long, ms. */
const BROWSER_LIMIT_MS = 30_000;

/**
 * Shows a URL in the desktop's browser; false when none came for it. Everybody on a machine can
 * read every command's arguments, so the browser is sent to a loopback address that works once,
 * and that answers with where to go.
 */
export async function showInBrowser(url: string): Promise<boolean> {
  const path = `/${randomBytes(16).toString('base64url')}`;
  const server = createServer((request, response) => {
    if (request.url !== path || request.method !== 'GET') {
      response.writeHead(404, { connection: 'close' }).end();
      return;
    }
    response
      .writeHead(303, { location: url, 'cache-control': 'no-store', connection: 'close' })
      .end(() => server.emit('taken'));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  try {
    return await comesFor(server, `http://127.0.0.1:${port}${path}`);
  } finally {
    server.close();
    server.closeAllConnections();
  }
}

async function comesFor(server: NodeJS.EventEmitter, address: string): Promise<boolean> {
  const opener = spawn(process.platform === 'darwin' ? 'open' : 'xdg-open', [address], {
    detached: true,
    stdio: 'ignore',
  });
  opener.unref();
  const limit = AbortSignal.timeout(BROWSER_LIMIT_MS);
  const notStarted = new Promise<false>((resolve) => {
    opener.once('error', () => resolve(false));
    opener.once('exit', (code) => {
      // A browser that has taken the address over may come later; an error comes to nothing.
      if (code !== 0) resolve(false);
    });
  });
  const came = once(server, 'taken', { signal: limit }).then(
    () => true,
    () => false,
  );
  return Promise.race([came, notStarted]);
}
