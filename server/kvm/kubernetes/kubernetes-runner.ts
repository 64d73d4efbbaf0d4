import { randomBytes } from 'node:crypto';
import { GatewayError } from '../../errors.ts';
import type { Logger } from '../../log.ts';
import { type Carrier, LinkedScreen } from '../linked-screen.ts';
import { Reaper, type ScreenOwner } from '../reaper.ts';
import type { Screen, ScreenRunner, ScreenSpec } from '../runner.ts';
import { RunningScreens } from '../running-screens.ts';
import { imageProgram } from '../screen-link.ts';
import type { ExecStream } from './exec-stream.ts';
import { KubernetesApi, type KubernetesApiOptions } from './kubernetes-api.ts';
import { CONTAINER, podState } from './pod-state.ts';
import { LABELS, LINK_SOCKET, type PodTemplate, podOf } from './pod.ts';

export interface KubernetesRunnerOptions extends KubernetesApiOptions {
  readonly template: PodTemplate;
  /** MiB of memory, processors. */
  readonly limits: { readonly memory: number; readonly cpus: number };
  /** Most screens at once. */
  readonly screens: number;
  /** Until a screen shows. ms */
  readonly startMs: number;
  readonly owner: ScreenOwner;
  readonly log: Logger;
}

const PREFIX = 'rackside-screen-';
/** Standard streams to the socket at which a screen waits, which may be a moment late. */
const CONNECT = ['socat', '-b65536', '-', `UNIX-CONNECT:${LINK_SOCKET},retry=100,interval=0.1`];
const NETWORK_FAULT =
  'the pod of the screen reaches others: no network policy of its namespace keeps it from them';

/** Screens in pods of a cluster, each reached by a call of the cluster's API and by nothing else. */
export class KubernetesRunner implements ScreenRunner {
  readonly isHere = false;
  readonly #options: KubernetesRunnerOptions;
  readonly #api: KubernetesApi;
  readonly #screens: RunningScreens;
  readonly #reaper: Reaper;
  readonly #inUse = new Set<string>();

  constructor(options: KubernetesRunnerOptions) {
    const { owner, screens, log } = options;
    this.#options = options;
    this.#api = new KubernetesApi(options);
    this.#screens = new RunningScreens({ most: screens, log });
    this.#reaper = new Reaper({
      ...{ owner, log, list: () => this.#list(), remove: (name) => this.#api.delete(name) },
      isInUse: (name) => this.#inUse.has(name),
    });
  }

  find(names: readonly string[]): string | undefined {
    return imageProgram(names);
  }

  start(spec: ScreenSpec): Promise<Screen> {
    return this.#screens.add(spec.signal, () => this.#start(spec));
  }

  /** Removes pods that nobody has. */
  sweep(): Promise<void> {
    return this.#reaper.sweep();
  }

  stop(): Promise<void> {
    return this.#screens.stop();
  }

  async #start(spec: ScreenSpec): Promise<Screen> {
    const { owner, template, limits, startMs, url } = this.#options;
    const name = `${PREFIX}${owner.id}-${randomBytes(4).toString('hex')}`;
    const installation = await owner.installation();
    const deadline = Date.now() + startMs;
    this.#inUse.add(name);
    try {
      const pod = podOf({ template, name, installation, gateway: owner.id, limits });
      await this.#api.create(pod);
      const signal = AbortSignal.any([spec.signal, AbortSignal.timeout(startMs)]);
      await this.#becomesReady(name, signal);
      const stream = await this.#api.exec({ name, container: CONTAINER, command: CONNECT }, signal);
      const port = Number(url.port || 443);
      return await LinkedScreen.open({
        ...{ carrier: this.#carrier(name, stream), spec, networkFault: NETWORK_FAULT },
        ...{ startMs: Math.max(deadline - Date.now(), 0), network: 'policed' },
        tried: [{ host: url.hostname.replace(/^\[(.*)\]$/, '$1'), port }],
      });
    } catch (error) {
      await this.#remove(name);
      throw error;
    }
  }

  /** @throws GatewayError `kvm_unavailable` with what keeps it, when it is stuck or late. */
  async #becomesReady(name: string, signal: AbortSignal): Promise<void> {
    let why = "the cluster's API does not answer in time";
    try {
      for await (const pod of this.#api.follow(name, signal)) {
        const state = podState(pod);
        if (state.is === 'running') return;
        ({ why } = state);
        if (state.is === 'pending') continue;
        throw new GatewayError('kvm_unavailable', why, { cause: new Error(state.words) });
      }
    } catch (cause) {
      if (!signal.aborted) throw cause;
      throw new GatewayError('kvm_unavailable', why, { cause });
    }
  }

  #carrier(name: string, stream: ExecStream): Carrier {
    let removing: Promise<void> | undefined;
    const ended = async (): Promise<string> => {
      await new Promise((resolve) => stream.once('close', resolve));
      return stream.words || (removing ? '' : await this.#lastWords(name));
    };
    return { stream, ended: ended(), remove: () => (removing ??= this.#remove(name)) };
  }

  async #lastWords(name: string): Promise<string> {
    const pod = await this.#api.get(name).catch(() => null);
    const state = pod && podState(pod);
    return state?.is === 'stuck' ? state.words : '';
  }

  async #remove(name: string): Promise<void> {
    await this.#api.delete(name).catch((err: unknown) => {
      this.#options.log.error({ err, screen: name }, 'a pod is left for the next sweep');
    });
    this.#inUse.delete(name);
  }

  async #list() {
    const installation = await this.#options.owner.installation();
    const pods = await this.#api.list(`${LABELS.installation}=${installation}`);
    return pods.map(({ metadata: { name, labels } }) => ({
      name,
      gateway: labels[LABELS.gateway] ?? '',
    }));
  }
}
