import { once } from 'node:events';
import { type IncomingMessage, type Server, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import proxyAddr from 'proxy-addr';
import type { Config } from '../config.ts';
import { keepAddress } from '../platform/keep-address.ts';
import { OriginPolicy } from '../tunnel/origin-policy.ts';
import type { Base } from './base.ts';

/** The HTTP server, listening already, and how browsers come to it. It answers nothing yet. */
export async function openDoor({ config, started }: Pick<Base, 'config' | 'started'>) {
  const server = createServer();
  server.on('connection', keepAddress);
  const { host, port } = config.listen;
  server.listen(port, host);
  await once(server, 'listening').catch((cause: NodeJS.ErrnoException) => {
    if (cause.code !== 'EADDRINUSE') throw cause;
    throw new Error(`port ${port} of ${host} is in use: choose another (listen.port, --port)`);
  });
  started.defer('http server', () => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  });
  const publicUrl = urlOf(server, config);
  const trustedProxies = proxyAddr.compile([...config.listen.trustedProxies]);
  return {
    server,
    /** Without a trailing slash. */
    publicUrl,
    /** The browser's address, behind proxies that are trusted. */
    addressOf: (request: IncomingMessage) => proxyAddr(request, trustedProxies),
    origins: new OriginPolicy({
      publicUrl,
      allowedOrigins: [...config.allowedOrigins, ...otherNames(config, publicUrl)],
      trustedProxies: (address) => trustedProxies(address, 0),
    }),
  };
}

export type Door = Awaited<ReturnType<typeof openDoor>>;

/** Under which URL browsers come: publicUrl, or the address itself. */
function urlOf(server: Server, config: Config): string {
  const { host } = config.listen;
  const { port } = server.address() as AddressInfo;
  const name = host.includes(':') ? `[${host}]` : host;
  return config.publicUrl?.origin ?? `http://${name}:${port}`;
}

/** Who listens on loopback and names no publicUrl may come by either of its names. */
function otherNames(config: Config, publicUrl: string): string[] {
  const { hostname, port } = new URL(publicUrl);
  return config.publicUrl || hostname !== '127.0.0.1' ? [] : [`http://localhost:${port}`];
}
