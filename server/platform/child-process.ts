import { type ChildProcess, type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import type { Socket } from 'node:net';
import { Duplex, type Readable } from 'node:stream';
import { signalProcess, signalSession } from './process-session.ts';

export interface ChildSpec {
  /** Short name for logs and errors. */
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
  readonly cwd?: string;
  /** Written to the child's standard input, which is then closed. */
  readonly stdin?: string;
  /** So many pipes besides the three usual ones, from descriptor 3 on. */
  readonly pipes?: number;
}

export interface ChildExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface RunningChild {
  readonly pid: number;
  /** Settles when the process has ended; never rejects. */
  readonly exited: Promise<ChildExit>;
  /**
   * Ends the child: SIGTERM, after `timeoutMs` SIGKILL. Idempotent. However it ends, what it has left in its
   * session ends with it.
   */
  stop(timeoutMs?: number): Promise<void>;
  /** The `pipes` that it was given, our ends. */
  readonly pipes: readonly Socket[];
  /** The last 8 KB of what it printed. */
  output(): string;
}

const OUTPUT_LIMIT = 8192;
const SETPRIV = ['/usr/bin/setpriv', '/bin/setpriv'].find((path) => existsSync(path));

/**
 * What a child of ours sees of the environment: enough to run, nothing of our own settings, which
 * may hold secrets.
 */
export function childEnvironment(extra: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv {
  return { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', ...extra };
}

/**
 * Starts a child in a process group of its own, so that a terminal's Ctrl-C reaches us alone and we
 * end it in order. Where util-linux's setpriv exists the kernel ends the child with us even when we
 * are killed (prctl(2), PR_SET_PDEATHSIG); see leftovers.ts for the rest.
 *
 * @throws Error when the command cannot be started at all.
 */
export async function startChild(spec: ChildSpec): Promise<RunningChild> {
  const child = await spawnChild(spec);
  child.stdin.end(spec.stdin ?? '');
  return new SpawnedChild(child, [child.stdout, child.stderr]);
}

export interface ChildStream extends RunningChild {
  /** What the child prints, and what is written to it; ends with the child, which ends with it. */
  readonly stream: Duplex;
}

/**
 * A child that is spoken with: `output` has what it printed as errors. See `startChild`.
 *
 * @throws Error when the command cannot be started at all.
 */
export async function openChild(spec: Omit<ChildSpec, 'stdin'>): Promise<ChildStream> {
  const child = await spawnChild(spec);
  const running = new SpawnedChild(child, [child.stderr]);
  const stream = Duplex.from({ readable: child.stdout, writable: child.stdin });
  // However it ends, its reader sees it; without a listener an error ends the process.
  stream.on('error', () => undefined);
  stream.once('close', () => void running.stop());
  return Object.assign(running, { stream });
}

async function spawnChild(spec: Omit<ChildSpec, 'stdin'>): Promise<ChildProcessWithoutNullStreams> {
  const [command, args] = SETPRIV
    ? [SETPRIV, ['--pdeathsig', 'TERM', '--', spec.command, ...spec.args]]
    : [spec.command, [...spec.args]];
  const child = spawn(command, args, {
    detached: true,
    env: spec.env ?? childEnvironment(),
    stdio: ['pipe', 'pipe', 'pipe', ...Array<'pipe'>(spec.pipes ?? 0).fill('pipe')],
    ...(spec.cwd === undefined ? {} : { cwd: spec.cwd }),
  });
  child.stdin?.on('error', () => undefined);
  try {
    await once(child, 'spawn');
  } catch (cause) {
    throw new Error(`${spec.name}: ${spec.command} could not be started`, { cause });
  }
  return child;
}

class SpawnedChild implements RunningChild {
  readonly pid: number;
  readonly exited: Promise<ChildExit>;
  readonly pipes: readonly Socket[];
  #output = '';
  #hasExited = false;
  #stopping: Promise<void> | undefined;

  /** @param printing whose last words are kept. */
  constructor(child: ChildProcess, printing: readonly Readable[]) {
    // A spawned child always has a pid: 'spawn' was emitted.
    this.pid = child.pid ?? -1;
    this.exited = new Promise((resolve) => {
      child.once('exit', (code, signal) => {
        this.#hasExited = true;
        this.#endRest();
        resolve({ code, signal });
      });
    });
    this.pipes = child.stdio.slice(3) as Socket[];
    // What a killed child leaves unread is a broken pipe; its end is told by `exited`.
    for (const pipe of this.pipes) pipe.on('error', () => undefined);
    for (const stream of printing) {
      stream.on('data', (chunk: Buffer) => {
        this.#output = (this.#output + chunk.toString()).slice(-OUTPUT_LIMIT);
      });
    }
  }

  output(): string {
    return this.#output;
  }

  stop(timeoutMs = 5000): Promise<void> {
    this.#stopping ??= this.#stop(timeoutMs);
    return this.#stopping;
  }

  async #stop(timeoutMs: number): Promise<void> {
    if (!this.#hasExited) signalGroup(this.pid, 'SIGTERM');
    const timer = setTimeout(() => signalGroup(this.pid, 'SIGKILL'), timeoutMs);
    await this.exited;
    clearTimeout(timer);
  }

  /** Whatever the child left ends with it, at once: later its pid may be another's, which has nothing to do with us. */
  #endRest(): void {
    signalGroup(this.pid, 'SIGKILL');
    signalSession(this.pid, 'SIGKILL');
  }
}

/** Signals a process group; a group that is gone already is no error. */
export function signalGroup(pid: number, signal: NodeJS.Signals): void {
  signalProcess(-pid, signal);
}
