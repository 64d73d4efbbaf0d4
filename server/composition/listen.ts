import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/**
 * Has a server listen; resolves to the URL of its address, without a trailing slash. Port 0 is any.
 *
 * @param setting what to change where the port is taken, for the error.
 */
export async function listenOn(
  server: Server,
  { host, port }: { readonly host: string; readonly port: number },
  setting: string,
): Promise<string> {
  server.listen(port, host);
  await once(server, 'listening').catch((cause: NodeJS.ErrnoException) => {
    if (cause.code !== 'EADDRINUSE') throw cause;
    throw new Error(`port ${port} of ${host} is in use: choose another (${setting})`);
  });
  const name = host.includes(':') ? `[${host}]` : host;
  return `http://${name}:${(server.address() as AddressInfo).port}`;
}

/** For the Disposer: nobody is waited for. */
export function closeServer(server: Server): Promise<void> {
  server.closeAllConnections();
  return new Promise((resolve) => server.close(() => resolve()));
}
