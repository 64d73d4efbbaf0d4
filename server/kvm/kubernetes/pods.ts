import { GatewayError } from '../../errors.ts';
import { within } from '../../platform/within.ts';
import type { CarrierMarks, Carriers } from '../linked-runner.ts';
import { type Carrier, LinkedScreen } from '../linked-screen.ts';
import { targetOf } from '../public-key.ts';
import type { Screen, ScreenLimits, ScreenSpec } from '../runner.ts';
import type { ExecStream } from './exec-stream.ts';
import { KubernetesApi, type KubernetesApiOptions } from './kubernetes-api.ts';
import { CONTAINER, podState } from './pod-state.ts';
import { LABELS, LINK_SOCKET, type PodTemplate, podOf } from './pod.ts';

export interface PodsOptions extends KubernetesApiOptions {
  readonly template: PodTemplate;
  readonly limits: ScreenLimits;
  /** Until a screen shows. ms */
  readonly startMs: number;
}

/** Standard streams to the socket at which a screen waits, which may be a moment late. */
const CONNECT = ['socat', '-b65536', '-', `UNIX-CONNECT:${LINK_SOCKET},retry=100,interval=0.1`];
const NETWORK_FAULT =
  'the pod of the screen reaches others: no network policy of its namespace keeps it from them';

/** Pods of a cluster, each reached by a call of the cluster's API and by nothing else. */
export class Pods implements Carriers {
  readonly #options: PodsOptions;
  readonly #api: KubernetesApi;

  constructor(options: PodsOptions) {
    this.#options = options;
    this.#api = new KubernetesApi(options);
  }

  async open(marks: CarrierMarks, spec: ScreenSpec, remove: () => Promise<void>): Promise<Screen> {
    const { template, limits, startMs, url } = this.#options;
    const { name } = marks;
    const deadline = Date.now() + startMs;
    await this.#api.create(podOf({ template, limits, ...marks }));
    const signal = within(startMs, spec.signal);
    await this.#becomesReady(name, signal);
    const stream = await this.#api.exec({ name, container: CONTAINER, command: CONNECT }, signal);
    return LinkedScreen.open({
      ...{ carrier: this.#carrier(name, stream, remove), spec, networkFault: NETWORK_FAULT },
      ...{ startMs: Math.max(deadline - Date.now(), 0), network: 'policed' },
      tried: [targetOf(url)],
    });
  }

  async list(installation: string): Promise<readonly string[]> {
    const pods = await this.#api.list(`${LABELS.installation}=${installation}`);
    return pods.map(({ metadata: { name } }) => name);
  }

  remove(name: string): Promise<void> {
    return this.#api.delete(name);
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

  #carrier(name: string, stream: ExecStream, remove: () => Promise<void>): Carrier {
    let removing = false;
    const ended = async (): Promise<string> => {
      await new Promise((resolve) => stream.once('close', resolve));
      return stream.words || (removing ? '' : await this.#lastWords(name));
    };
    return {
      ...{ stream, ended: ended() },
      remove() {
        removing = true;
        return remove();
      },
    };
  }

  async #lastWords(name: string): Promise<string> {
    const pod = await this.#api.get(name).catch(() => null);
    const state = pod && podState(pod);
    return state?.is === 'stuck' ? state.words : '';
  }
}
