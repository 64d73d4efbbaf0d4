import { type ChildProcess, fork } from 'node:child_process';
import type { Socket } from 'node:net';
import { fileURLToPath } from 'node:url';
import type { Logger } from '../../log.ts';
import type { Counts } from '../../metrics/all-processes.ts';
import { childEnvironment } from '../../platform/child-process.ts';
import type { FromWorker, ToWorker } from './messages.ts';
import { WorkerCounts } from './worker-counts.ts';

/** tunnel-worker beside this file: TypeScript in the sources, JavaScript in dist. */
const PROGRAM = fileURLToPath(new URL(import.meta.url.replace(/[^/]*(\.\w+)$/, 'tunnel-worker$1')));
const START_MS = 15_000;
/** More than a browser has for its half of the closing handshake, less than the gateway has for its end. */
const STOP_MS = 6000;
/** Beats without an answer: it gets nothing new; it hangs, and is killed. */
const LATE_BEATS = 2;
const HUNG_BEATS = 10;
const BACKOFF_FIRST_MS = 200;
const BACKOFF_LIMIT_MS = 5000;
/** One that ran this long had started well: its next restart begins with the first back-off. */
const STEADY_MS = 30_000;

/** Once all is read that a process has told that has ended. Node has no event for it where a socket is on its way. */
function onceHeard(child: ChildProcess, then: () => void): void {
  if (child.connected) setImmediate(onceHeard, child, then);
  else then();
}

export interface WorkerEvents {
  /** It carries tunnels from now on. */
  started(): void;
  told(message: FromWorker): void;
  /** The process is gone, and with it all of its tunnels. */
  lost(): void;
}

/** One worker process, kept running: one that dies or hangs is followed by another, after a while. */
export class WorkerProcess {
  readonly #start: Extract<ToWorker, { do: 'start' }>;
  readonly #log: Logger;
  readonly #events: WorkerEvents;
  readonly #counts = new WorkerCounts();
  #child: ChildProcess | undefined;
  #started = false;
  #unanswered = 0;
  #everReady = false;
  #stopped = false;
  #backoff = BACKOFF_FIRST_MS;
  #timer: NodeJS.Timeout | undefined;

  constructor(start: Extract<ToWorker, { do: 'start' }>, log: Logger, events: WorkerEvents) {
    this.#start = start;
    this.#log = log;
    this.#events = events;
  }

  /** Whether it carries tunnels, and has answered lately. */
  get ready(): boolean {
    return this.#started && this.#unanswered <= LATE_BEATS;
  }

  /**
   * Resolves when it carries tunnels.
   *
   * @throws Error when it ends before, or takes too long.
   */
  start(): Promise<void> {
    return new Promise((resolve, reject) => {
      const child = this.#spawn();
      const fail = (): void => reject(new Error('a process for tunnels does not start'));
      const timer = setTimeout(() => child.kill('SIGKILL'), START_MS);
      child.once('exit', fail);
      child.once('message', () => {
        clearTimeout(timer);
        child.off('exit', fail);
        resolve();
      });
    });
  }

  /** False when it is gone: the message and the socket went nowhere. */
  send(message: ToWorker, socket?: Socket): boolean {
    const child = this.#child;
    if (!child?.connected) return false;
    child.send(message, socket, {}, () => undefined);
    return true;
  }

  /**
   * To be called each second or so. Beats are counted, and not the time: while this process itself stood
   * still, none was sent.
   *
   * @param ahead milliseconds by which the clock that all replicas share is ahead of this machine's.
   */
  beat(ahead: number): void {
    if (!this.#started) return;
    if (this.#unanswered >= HUNG_BEATS) {
      this.#log.error(
        { child: 'tunnels', pid: this.#child?.pid },
        'child does not answer, killing it',
      );
      this.#child?.kill('SIGKILL');
      return;
    }
    this.#unanswered += 1;
    this.send({ do: 'beat', ahead });
  }

  /** What it has counted, and those before it that died. */
  counts(): Promise<readonly Counts[]> {
    return this.#counts.read(() => this.#started && this.send({ do: 'count' }));
  }

  /** For the end of this process in a hurry: one that hangs would not notice it, nor that it was told to end. */
  killSilent(): void {
    if (this.#unanswered > 0 || this.#stopped) this.#child?.kill('SIGKILL');
  }

  /** Lets it end its tunnels, and ends it in any case. Idempotent. */
  stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    const child = this.#child;
    if (!child || child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
      child.once('exit', () => {
        clearTimeout(timer);
        onceHeard(child, resolve);
      });
      if (this.ready) this.send({ do: 'end' });
      else child.kill('SIGKILL');
    });
  }

  #spawn(): ChildProcess {
    const startedAt = performance.now();
    const child = fork(PROGRAM, [], { env: childEnvironment() });
    this.#child = child;
    child.on('error', () => undefined);
    child.on('message', (message: FromWorker) => {
      if (message.did === 'started') this.#began(child);
      if (message.did === 'beat') this.#unanswered = 0;
      if (message.did === 'counted') this.#counts.heard(message.counts);
      this.#events.told(message);
    });
    // Of one that ends with a socket on its way there is no such event.
    child.once('disconnect', () => this.#counts.lost());
    child.once('exit', (code, signal) => {
      if (performance.now() - startedAt > STEADY_MS) this.#backoff = BACKOFF_FIRST_MS;
      onceHeard(child, () => this.#ended(code, signal));
    });
    child.send(this.#start);
    return child;
  }

  #began({ pid }: ChildProcess): void {
    this.#started = true;
    this.#unanswered = 0;
    this.#everReady = true;
    this.#log.info({ child: 'tunnels', pid }, 'child started');
    this.#events.started();
  }

  #ended(code: number | null, signal: NodeJS.Signals | null): void {
    this.#started = false;
    this.#counts.lost();
    this.#events.lost();
    // One that does not even begin is the error of `start`.
    if (this.#stopped || !this.#everReady) return;
    const backoffMs = this.#backoff;
    this.#log.warn({ child: 'tunnels', code, signal, backoffMs }, 'child died, restarting it');
    this.#timer = setTimeout(() => this.#spawn(), backoffMs);
    this.#backoff = Math.min(backoffMs * 2, BACKOFF_LIMIT_MS);
  }
}
