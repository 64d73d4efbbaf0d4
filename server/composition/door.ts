import { type IncomingMessage, createServer } from 'node:http';
import proxyAddr from 'proxy-addr';
import type { Config } from '../config.ts';
import { keepAddress } from '../platform/keep-address.ts';
import { REQUEST_LIMITS } from '../platform/request-limits.ts';
import { OriginPolicy } from '../tunnel/origin-policy.ts';
import type { Base } from './base.ts';
import { holdEarlyRequests } from './early-requests.ts';
import { closeServer, listenOn } from './listen.ts';

/** The HTTP server, listening already, and how browsers come to it. It answers when `answerBy` is told by what. */
export async function openDoor({ config, started }: Pick<Base, 'config' | 'started'>) {
  const server = createServer(REQUEST_LIMITS);
  server.on('connection', keepAddress);
  const answerBy = holdEarlyRequests(server);
  const url = await listenOn(server, config.listen, 'listen.port, --port');
  started.defer('http server', () => closeServer(server));
  const publicUrl = config.publicUrl?.origin ?? url;
  const trustedProxies = proxyAddr.compile([...config.listen.trustedProxies]);
  return {
    server,
    answerBy,
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

/** Who listens on loopback and names no publicUrl may come by either of its names. */
function otherNames(config: Config, publicUrl: string): string[] {
  const { hostname, port } = new URL(publicUrl);
  return config.publicUrl || hostname !== '127.0.0.1' ? [] : [`http://localhost:${port}`];
}
