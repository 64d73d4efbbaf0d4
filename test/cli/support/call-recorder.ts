import { type IncomingMessage, type ServerResponse, createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Another address of a gateway, which knows what was called there. */
export interface CallRecorder {
  readonly url: string;
  /** `GET /api/v1/machines?limit=200` */
  readonly calls: readonly string[];
  stop(): void;
}

export async function startCallRecorder(gateway: string): Promise<CallRecorder> {
  const calls: string[] = [];
  const pass = (incoming: IncomingMessage, outgoing: ServerResponse): void => {
    const { method = '', url = '', headers } = incoming;
    calls.push(`${method} ${url}`);
    const passed = request(new URL(url, gateway), { method, headers }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 0, answer.headers);
      answer.pipe(outgoing);
    });
    passed.on('error', (error) => outgoing.destroy(error));
    incoming.pipe(passed);
  };
  const server = createServer(pass);
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    ...{ url: `http://127.0.0.1:${port}`, calls },
    stop: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}
