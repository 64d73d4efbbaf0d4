import { randomBytes } from 'node:crypto';
import { EventEmitter, once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { ClientOptions } from 'ws';
import type { TunnelEnd, TunnelGrant } from '../../../server/consoles/tunnel-port.ts';
import { HOLDER } from '../../../server/contract/index.ts';
import { createLogger } from '../../../server/log.ts';
import { Metrics } from '../../../server/metrics/metrics.ts';
import { ConnectionTokens } from '../../../server/tunnel/connection-token.ts';
import type { TunnelLimits } from '../../../server/tunnel/limits.ts';
import { OriginPolicy } from '../../../server/tunnel/origin-policy.ts';
import { TunnelServer } from '../../../server/tunnel/tunnel-server.ts';
import type { SingleUse } from '../../../server/tunnel/upgrade.ts';
import { PageClient } from './page-client.ts';

export interface TestGatewayOptions {
  readonly limits?: Partial<TunnelLimits>;
  readonly trustedProxies?: (address: string) => boolean;
  readonly singleUse?: SingleUse;
  readonly admit?: (grant: TunnelGrant) => Promise<number>;
}

export const SECRET = 'pässwörd-Ключ-🔑';

export function testGrant(changes: Partial<TunnelGrant> = {}): TunnelGrant {
  return {
    consoleId: 'console-1',
    machine: 'lab:desk',
    kind: 'vnc',
    protocol: 'vnc',
    guacd: { host: '127.0.0.1', port: 4822 },
    parameters: { hostname: '127.0.0.1', port: '5900', password: SECRET },
    readOnly: false,
    user: 'alice',
    display: { width: 1024, height: 768, dpi: 96 },
    timezone: 'Europe/Berlin',
    deadline: Date.now() + 3_600_000,
    viewer: null,
    join: null,
    bridged: false,
    ...changes,
  };
}

/** The tunnels behind a real http server on a free port; the domain and Redis are stood in for. */
export class TestGateway {
  readonly tokens = new ConnectionTokens([{ id: 'k1', secret: randomBytes(32) }]);
  readonly tunnels: TunnelServer;
  readonly metrics = new Metrics();
  /** `opened`, `pictured` and `closed` of the tunnels, in their order. */
  readonly events: { event: string; tunnelId: string; end?: TunnelEnd }[] = [];
  log = '';
  readonly #emitter = new EventEmitter();
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #endsRead = 0;

  private constructor(server: Server, options: TestGatewayOptions) {
    this.#server = server;
    const used = new Set<string>();
    const note = (event: string, tunnelId: string, end?: TunnelEnd): void => {
      this.events.push(end ? { event, tunnelId, end } : { event, tunnelId });
      this.#emitter.emit('event');
    };
    this.tunnels = new TunnelServer({
      tokens: this.tokens,
      singleUse: options.singleUse ?? {
        use: async (id) => !used.has(id) && Boolean(used.add(id)),
      },
      origins: new OriginPolicy({
        publicUrl: 'https://gateway.example',
        allowedOrigins: ['https://portal.example'],
        trustedProxies: options.trustedProxies ?? (() => false),
      }),
      now: Date.now,
      metrics: this.metrics,
      addressOf: ({ socket }) => socket.remoteAddress ?? '',
      listener: {
        refused: () => undefined,
        admit: async (grant) => ({
          deadline: (await options.admit?.(grant)) ?? grant.deadline,
          control: HOLDER,
        }),
        opened: (_grant, tunnelId) => note('opened', tunnelId),
        pictured: (_grant, tunnelId) => note('pictured', tunnelId),
        forgotten: (_grant, connection) => note('forgotten', connection),
        used: (grant) => note('used', grant.consoleId),
        closed: (_grant, tunnelId, end) => note('closed', tunnelId, end),
      },
      log: createLogger('debug', { write: (line: string) => void (this.log += line) }),
      ...(options.limits ? { limits: options.limits } : {}),
    });
    server.on('connection', (socket: Socket) => {
      this.#sockets.add(socket);
      socket.once('close', () => this.#sockets.delete(socket));
    });
    server.on('upgrade', (request, socket, head) =>
      this.tunnels.handleUpgrade(request, socket, head),
    );
  }

  static async start(options: TestGatewayOptions = {}): Promise<TestGateway> {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new TestGateway(server, options);
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** Bytes that wait in the gateway for clients to read them. */
  get buffered(): number {
    return [...this.#sockets].reduce((sum, socket) => sum + socket.writableLength, 0);
  }

  /** Resets every client's connection. */
  hangUp(): void {
    for (const socket of this.#sockets) socket.resetAndDestroy();
  }

  /** Bytes read from and written to the client with which the most were exchanged. */
  get busiest(): number {
    const sums = [...this.#sockets].map((socket) => socket.bytesRead + socket.bytesWritten);
    return Math.max(0, ...sums);
  }

  token(grant: TunnelGrant): Promise<string> {
    return this.tokens.issue(grant, Date.now() + 30_000, Date.now());
  }

  url(token: string): string {
    return `ws://127.0.0.1:${this.port}/tunnel?token=${token}`;
  }

  async open(changes: Partial<TunnelGrant>, options: ClientOptions = {}): Promise<PageClient> {
    return PageClient.open(this.url(await this.token(testGrant(changes))), options);
  }

  /** How the next tunnel ended, in the order of their ends. */
  async end(timeout = 10_000): Promise<TunnelEnd> {
    const deadline = AbortSignal.timeout(timeout);
    for (;;) {
      const ends = this.events.flatMap(({ end }) => (end ? [end] : []));
      const next = ends[this.#endsRead];
      if (next) {
        this.#endsRead++;
        return next;
      }
      await once(this.#emitter, 'event', { signal: deadline });
    }
  }

  /** Waits for the next `opened`, `pictured`, `used` or `closed`, if it has not been yet. */
  async happened(event: string, timeout = 10_000): Promise<void> {
    const deadline = AbortSignal.timeout(timeout);
    while (!this.events.some((seen) => seen.event === event)) {
      await once(this.#emitter, 'event', { signal: deadline });
    }
  }

  async stop(): Promise<void> {
    await this.tunnels.close();
    if (!this.#server.listening) return;
    this.#server.close();
    this.#server.closeAllConnections();
    await once(this.#server, 'close');
  }
}
