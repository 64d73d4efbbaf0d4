import { once } from 'node:events';
import { type Server, createServer } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';

/** What makes TLS of it. PEM */
export interface ServerTls {
  readonly key: string;
  readonly cert: string;
}

export interface LoopbackHttp {
  readonly server: Server;
  /** `http://127.0.0.1:<port>`, or https. */
  readonly origin: string;
  /** Cuts every connection, too. */
  stop(): void;
}

/** An HTTP server on loopback at any free port. */
export async function startLoopbackHttp(tls?: ServerTls): Promise<LoopbackHttp> {
  const server = tls ? createTlsServer(tls) : createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    server,
    origin: `${tls ? 'https' : 'http'}://127.0.0.1:${port}`,
    stop() {
      server.closeAllConnections();
      server.close();
    },
  };
}
