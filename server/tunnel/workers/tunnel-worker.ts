/**
 * A process that carries tunnels, and does nothing else: who may have one is decided by the gateway
 * that started it, which hears all that happens to them. It ends with that gateway.
 */
import { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { TunnelGrant } from '../../consoles/tunnel-port.ts';
import { type Logger, createLogger } from '../../log.ts';
import { Metrics } from '../../metrics/metrics.ts';
import { watchProcess } from '../../metrics/watched-process.ts';
import { TunnelHost } from '../tunnel-host.ts';
import { type Admission, destroyOnError } from '../upgrade.ts';
import type { FromWorker, ToWorker } from './messages.ts';

/** Input of a person is told this often at most, ms: an idle time is no shorter than ten of these. */
const USED_MS = 100;

/** An upgrade request whose socket is here already, and not ours alone yet. */
interface Taken {
  readonly request: IncomingMessage;
  readonly socket: Socket;
  readonly head: Buffer;
  readonly admission: Admission;
}

class TunnelWorker {
  readonly #metrics = new Metrics();
  readonly #host: TunnelHost;
  readonly #taken = new Map<string, Taken>();
  /** Which tunnel a grant is of: each admission has a grant of its own. */
  readonly #ids = new Map<TunnelGrant, string>();
  readonly #toldUsed = new WeakMap<TunnelGrant, number>();
  #ahead = 0;
  #watched = false;

  constructor({ level, limits }: Extract<ToWorker, { do: 'start' }>) {
    const log: Logger = createLogger(level);
    this.#host = new TunnelHost({
      ...{ metrics: this.#metrics, log, limits, now: () => Date.now() + this.#ahead },
      listener: {
        opened: (_grant, tunnelId) => tell({ did: 'opened', tunnelId }),
        pictured: (_grant, tunnelId, connection) => tell({ did: 'pictured', tunnelId, connection }),
        forgotten: (grant, connection) => {
          const tunnelId = this.#ids.get(grant);
          if (tunnelId !== undefined) tell({ did: 'forgotten', tunnelId, connection });
        },
        used: (grant) => this.#used(grant),
        closed: (grant, tunnelId, end) => {
          this.#ids.delete(grant);
          tell({ did: 'closed', tunnelId, end });
        },
      },
    });
  }

  hear(message: ToWorker, socket: Socket | undefined): void {
    switch (message.do) {
      case 'start':
        return;
      case 'beat':
        this.#ahead = message.ahead;
        tell({ did: 'beat' });
        return;
      case 'take':
        return this.#take(message, socket);
      case 'begin':
        return this.#begin(message.tunnelId);
      case 'call':
        // The message's type pairs each name with its arguments.
        (this.#host[message.call] as (...args: unknown[]) => void)(...message.args);
        return;
      case 'count':
        void this.#count();
        return;
      case 'end':
        void this.end();
    }
  }

  /** Ends all tunnels, then the process. */
  async end(): Promise<void> {
    await this.#host.close();
    tell({ did: 'ended' }, () => process.exit());
  }

  /** The process is watched from the first time that somebody asks. */
  async #count(): Promise<void> {
    const { registry } = this.#metrics;
    if (!this.#watched) watchProcess(registry);
    this.#watched = true;
    tell({ did: 'counted', counts: await registry.getMetricsAsJSON() });
  }

  #take(
    { admission, headers, head }: Extract<ToWorker, { do: 'take' }>,
    socket: Socket | undefined,
  ): void {
    const { tunnelId, grant } = admission;
    // The browser may have gone on its way here.
    if (!socket) return this.#left(admission);
    destroyOnError(socket);
    const request = Object.assign(new IncomingMessage(socket), { method: 'GET', headers });
    this.#taken.set(tunnelId, { request, socket, head: Buffer.from(head, 'base64'), admission });
    this.#ids.set(grant, tunnelId);
    tell({ did: 'taken', tunnelId });
  }

  #begin(tunnelId: string): void {
    const taken = this.#taken.get(tunnelId);
    if (!taken) return;
    this.#taken.delete(tunnelId);
    const { request, socket, head, admission } = taken;
    if (!this.#host.accept(request, socket, head, admission)) this.#left(admission);
  }

  #left({ tunnelId, grant }: Admission): void {
    this.#ids.delete(grant);
    const message = `${grant.machine}: the browser left before the tunnel was open`;
    tell({ did: 'closed', tunnelId, end: { status: 'client_left', message } });
  }

  #used(grant: TunnelGrant): void {
    const tunnelId = this.#ids.get(grant);
    const now = performance.now();
    if (tunnelId === undefined || now - (this.#toldUsed.get(grant) ?? -Infinity) < USED_MS) return;
    this.#toldUsed.set(grant, now);
    tell({ did: 'used', tunnelId });
  }
}

/** @param then once it is told, and all before it; at once where the gateway is gone. */
function tell(message: FromWorker, then: () => void = () => undefined): void {
  if (process.send && process.connected) process.send(message, undefined, undefined, then);
  else then();
}

// A service manager sends signals to every process of a service, and a terminal its Ctrl-C: when to end
// says the gateway.
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => undefined);

let worker: TunnelWorker | undefined;
process.on('message', (message: ToWorker, socket: Socket | undefined) => {
  if (message.do === 'start') {
    worker = new TunnelWorker(message);
    tell({ did: 'started' });
  }
  worker?.hear(message, socket);
});
process.on('disconnect', () => {
  if (worker) void worker.end();
  else process.exit();
});
