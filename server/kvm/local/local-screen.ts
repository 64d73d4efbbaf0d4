import { connect } from 'node:net';
import type { Duplex, Readable, Writable } from 'node:stream';
import { GatewayError } from '../../errors.ts';
import type { RunningChild } from '../../platform/child-process.ts';
import type { Disposer } from '../../platform/disposer.ts';
import { within } from '../../platform/within.ts';
import type { ProgramPlace, Screen } from '../runner.ts';

const START_MS = 20_000;
const POLL_MS = 20;

export interface LocalScreenParts {
  readonly child: RunningChild;
  readonly rfbSocket: string;
  /** What the end of a screen takes with it. */
  readonly remains: Disposer;
  readonly place: ProgramPlace;
  readonly allowPorts: (ports: readonly number[]) => void;
  /** Where its programs find the folder of disk images. */
  readonly images?: string | undefined;
}

/** A screen whose processes are children of the gateway. */
export class LocalScreen implements Screen {
  readonly ended: Promise<string>;
  readonly place: ProgramPlace;
  readonly allowPorts: (ports: readonly number[]) => void;
  readonly images: string | undefined;
  readonly #child: RunningChild;
  readonly #rfbSocket: string;
  readonly #remains: Disposer;
  #stopping: Promise<void> | undefined;

  constructor({ child, rfbSocket, remains, place, allowPorts, images }: LocalScreenParts) {
    this.place = place;
    this.allowPorts = allowPorts;
    this.#child = child;
    this.images = images;
    this.#rfbSocket = rfbSocket;
    this.#remains = remains;
    this.ended = child.exited.then(() => child.output().trim());
    void this.ended.then(() => this.stop());
  }

  get channel(): { readonly input: Writable; readonly output: Readable } {
    const [input, output] = this.#child.pipes;
    if (!input || !output) throw new Error('a screen has pipes');
    return { input, output };
  }

  acceptInput(accept: boolean): void {
    const control = this.#child.pipes[2];
    if (control?.writable) control.write(accept ? '1\n' : '0\n');
  }

  reach(): Promise<Duplex> {
    return new Promise((resolve, reject) => {
      const socket = connect(this.#rfbSocket);
      socket.once('connect', () => resolve(socket));
      socket.once('error', (cause) => {
        reject(new GatewayError('kvm_crashed', 'the screen of this console has ended', { cause }));
      });
    });
  }

  /** Resolves when its VNC server listens. @throws Error with its last words. */
  async becomesReady(signal: AbortSignal): Promise<void> {
    const limit = within(START_MS, signal);
    let last: string | undefined;
    void this.ended.then((words) => {
      last = words;
    });
    for (;;) {
      const reached = await this.reach().catch(() => null);
      reached?.destroy();
      if (reached) return;
      signal.throwIfAborted();
      if (last !== undefined || limit.aborted) {
        throw new Error(`no screen: ${last || this.#child.output().trim() || 'it says nothing'}`);
      }
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
  }

  stop(): Promise<void> {
    this.#stopping ??= this.#stop();
    return this.#stopping;
  }

  async #stop(): Promise<void> {
    for (const pipe of this.#child.pipes) pipe.destroy();
    await this.#child.stop(2000);
    await this.#remains.dispose();
  }
}
