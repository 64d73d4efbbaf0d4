import type { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { CloseReason } from '../../contract/index.ts';
import { GatewayError } from '../../errors.ts';
import type { LogLevel, Logger } from '../../log.ts';
import type { Counts } from '../../metrics/all-processes.ts';
import { repeat } from '../../platform/repeat.ts';
import { DEFAULT_LIMITS, type TunnelLimits } from '../limits.ts';
import type { TunnelCarrier } from '../tunnel-host.ts';
import type { HostListener } from '../tunnel-parts.ts';
import type { Admission } from '../upgrade.ts';
import { CarriedTunnels } from './carried-tunnels.ts';
import { HandedSocket } from './handed-socket.ts';
import type { FromWorker, TunnelsCall } from './messages.ts';
import { WorkerProcess } from './worker-process.ts';

/** How often workers are told the time that all replicas share, and asked whether they turn. ms */
const BEAT_MS = 1000;

export interface TunnelWorkersOptions {
  /** How many processes. */
  readonly count: number;
  readonly listener: HostListener;
  readonly log: Logger;
  readonly limits?: Partial<TunnelLimits>;
  /** Milliseconds since the epoch, by the clock that all replicas share. */
  readonly now: () => number;
}

/**
 * Tunnels in processes of their own, so that they use more than one core and none of them makes the
 * API wait. All else stays in the gateway: who may have a tunnel, consoles, providers, the audit
 * trail. A browser's socket is handed to the worker with the fewest tunnels once it was admitted.
 */
export class TunnelWorkers implements TunnelCarrier {
  readonly #listener: HostListener;
  readonly #log: Logger;
  readonly #now: () => number;
  readonly #workers: readonly WorkerProcess[];
  readonly #carried = new CarriedTunnels<WorkerProcess>();
  /** Sockets on their way to a worker. */
  readonly #leaving = new Map<string, HandedSocket>();
  readonly #stopBeat: () => Promise<void>;
  readonly #onExit = (): void => {
    for (const worker of this.#workers) worker.killSilent();
  };

  private constructor({ count, listener, log, limits, now }: TunnelWorkersOptions) {
    this.#listener = listener;
    this.#log = log;
    this.#now = now;
    const start = {
      do: 'start',
      level: log.level as LogLevel,
      limits: { ...DEFAULT_LIMITS, ...limits },
    } as const;
    this.#workers = Array.from({ length: count }, () => {
      const worker: WorkerProcess = new WorkerProcess(start, log, {
        started: () => this.#beat(worker),
        told: (message) => this.#told(worker, message),
        lost: () => this.#lost(worker),
      });
      return worker;
    });
    process.on('exit', this.#onExit);
    this.#stopBeat = repeat(BEAT_MS, async () => {
      for (const worker of this.#workers) this.#beat(worker);
    });
  }

  /** @throws Error when one of them does not start. */
  static async start(options: TunnelWorkersOptions): Promise<TunnelWorkers> {
    const workers = new TunnelWorkers(options);
    try {
      await Promise.all(workers.#workers.map((worker) => worker.start()));
      return workers;
    } catch (error) {
      await workers.close();
      throw error;
    }
  }

  get size(): number {
    return this.#carried.size;
  }

  get ready(): boolean {
    return this.#workers.some((worker) => worker.ready);
  }

  accept(request: IncomingMessage, socket: Duplex, head: Buffer, admission: Admission): boolean {
    if (!(socket instanceof Socket) || socket.destroyed) return false;
    const worker = this.#leastBusy();
    if (!worker) throw new GatewayError('shutting_down', 'no process for tunnels runs just now');
    const { tunnelId, grant } = admission;
    const early: unknown = socket.read();
    const sent = Buffer.concat([head, ...(Buffer.isBuffer(early) ? [early] : [])]);
    this.#carried.add(tunnelId, { grant, worker });
    this.#leaving.set(tunnelId, new HandedSocket(socket));
    // Node's server would count it as one of the worker's, and wait at its own end for a worker that
    // has ended already; `#letGo` takes it off the server's count.
    Reflect.deleteProperty(socket, 'server');
    const { headers } = request;
    worker.send({ do: 'take', admission, headers, head: sent.toString('base64') }, socket);
    return true;
  }

  /** What the workers have counted. */
  async counts(): Promise<readonly Counts[]> {
    return (await Promise.all(this.#workers.map((worker) => worker.counts()))).flat();
  }

  closeConsole(consoleId: string, reason: CloseReason, message: string): void {
    this.#call(consoleId, { call: 'closeConsole', args: [consoleId, reason, message] });
  }

  setDeadline(consoleId: string, deadline: number): void {
    this.#call(consoleId, { call: 'setDeadline', args: [consoleId, deadline] });
  }

  setControl(consoleId: string, participant: string): void {
    this.#call(consoleId, { call: 'setControl', args: [consoleId, participant] });
  }

  keepViewers(consoleId: string, viewers: readonly string[]): void {
    this.#call(consoleId, { call: 'keepViewers', args: [consoleId, viewers] });
  }

  endStrays(consoleId: string, tunnelIds: readonly string[]): void {
    this.#call(consoleId, { call: 'endStrays', args: [consoleId, tunnelIds] });
  }

  async close(): Promise<void> {
    await this.#stopBeat();
    await Promise.all(this.#workers.map((worker) => worker.stop()));
    process.off('exit', this.#onExit);
  }

  #leastBusy(): WorkerProcess | undefined {
    const count = (worker: WorkerProcess): number => this.#carried.countOf(worker);
    const ready = this.#workers.filter((worker) => worker.ready);
    return ready.toSorted((one, other) => count(one) - count(other))[0];
  }

  /** To those that carry a tunnel of this console. */
  #call(consoleId: string, call: TunnelsCall): void {
    for (const worker of this.#carried.workersOf(consoleId)) worker.send({ do: 'call', ...call });
  }

  #told(worker: WorkerProcess, message: FromWorker): void {
    if (!('tunnelId' in message)) return;
    const { tunnelId } = message;
    const grant = this.#carried.get(tunnelId)?.grant;
    if (!grant) return;
    switch (message.did) {
      case 'taken':
        this.#letGo(tunnelId);
        // Node has closed our own descriptor of the socket before this message is read: its own
        // acknowledgement came first. Until then what a browser sends could be read here and be lost.
        worker.send({ do: 'begin', tunnelId });
        return;
      case 'opened':
        return this.#listener.opened(grant, tunnelId);
      case 'pictured':
        return this.#listener.pictured(grant, tunnelId, message.connection);
      case 'forgotten':
        return this.#listener.forgotten(grant, message.connection);
      case 'used':
        return this.#listener.used(grant);
      case 'closed':
        this.#letGo(tunnelId);
        this.#carried.delete(tunnelId);
        this.#listener.closed(grant, tunnelId, message.end);
    }
  }

  /** Their browsers come again by themselves, as after any loss of a connection. */
  #lost(worker: WorkerProcess): void {
    for (const [tunnelId, grant] of this.#carried.of(worker)) {
      this.#letGo(tunnelId);
      this.#carried.delete(tunnelId);
      const { consoleId, machine } = grant;
      const status = 'shutting_down';
      const message = `${machine}: the process of its tunnel has ended`;
      // The process would have written it; nothing else tells how the tunnel ended.
      this.#log.info({ consoleId, machine, tunnelId, status, detail: message }, 'tunnel closed');
      this.#listener.closed(grant, tunnelId, { status, message });
    }
  }

  #letGo(tunnelId: string): void {
    this.#leaving.get(tunnelId)?.close();
    this.#leaving.delete(tunnelId);
  }

  #beat(worker: WorkerProcess): void {
    worker.beat(this.#now() - Date.now());
  }
}
