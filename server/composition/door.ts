import { type IncomingMessage, createServer } from 'node:http';
import proxyAddr from 'proxy-addr';
import type { Config } from '../config.ts';
import { keepAddress } from '../platform/keep-address.ts';
import { OriginPolicy } from '../tunnel/origin-policy.ts';
import type { Base } from './base.ts';
import { holdEarlyRequests } from './early-requests.ts';
import { closeServer, listenOn } from './listen.ts';

/** For a request's head. A browser's comes at once; whoever dribbles it holds a place. ms */
const HEAD_MS = 15_000;
/** For all of a request: the largest body is 64 KiB. ms */
const REQUEST_MS = 20_000;
/** Between two looks for those that are late. ms */
const LOOK_MS = 2_000;

/** The HTTP server, listening already, and how browsers come to it. It answers when `answerBy` is told by what. */
export async function openDoor({ config, started }: Pick<Base, 'config' | 'started'>) {
  const server = createServer({
    ...{ headersTimeout: HEAD_MS, requestTimeout: REQUEST_MS },
    connectionsCheckingInterval: LOOK_MS,
  });
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
