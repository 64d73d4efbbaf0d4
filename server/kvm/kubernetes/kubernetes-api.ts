import { readFile } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { Agent, type Dispatcher } from 'undici';
import { type z, ZodError } from 'zod';
import { GatewayError } from '../../errors.ts';
import { within } from '../../platform/within.ts';
import { answerFault, connectionFault } from './cluster-fault.ts';
import { ExecRefused, ExecStream } from './exec-stream.ts';
import { type Pod, podListSchema, podSchema, statusSchema, watchEventSchema } from './schema.ts';

export interface KubernetesApiOptions {
  /** `https://kubernetes.default.svc` */
  readonly url: URL;
  /** PEM of its CA; read at the first call. */
  readonly caFile: string;
  /** Read for each call: the cluster renews a service account's token (every hour). */
  readonly tokenFile: string;
  readonly namespace: string;
}

const ANSWER_MS = 10_000;
/** The API ends a watch by itself after this long. s */
const WATCH_S = 30;
/** Between two looks, where a watch ends. ms */
const LOOK_MS = 500;

/** The few calls of a cluster's API that screens need. */
export class KubernetesApi {
  readonly #options: KubernetesApiOptions;
  #trust: Promise<{ ca: string; agent: Agent }> | undefined;

  constructor(options: KubernetesApiOptions) {
    this.#options = options;
  }

  /** @throws GatewayError `kvm_unavailable`, as all of these. */
  create(pod: object): Promise<Pod> {
    return this.#ask(podSchema, { method: 'POST', path: 'pods', body: JSON.stringify(pod) });
  }

  get(name: string): Promise<Pod> {
    return this.#ask(podSchema, { method: 'GET', path: `pods/${name}` });
  }

  async list(label: string): Promise<readonly Pod[]> {
    const query = new URLSearchParams({ labelSelector: label });
    return (await this.#ask(podListSchema, { method: 'GET', path: `pods?${query.toString()}` }))
      .items;
  }

  /** One that has gone is no error. */
  async delete(name: string): Promise<void> {
    const { statusCode, body } = await this.#call({ method: 'DELETE', path: `pods/${name}` });
    if (statusCode === 404) await body.dump();
    else await this.#parse(statusCode, body);
  }

  /** The pod as it is and as it changes, without end. */
  async *follow(name: string, signal: AbortSignal): AsyncGenerator<Pod> {
    for (;;) {
      const pod = await this.get(name);
      yield pod;
      yield* this.#watch(pod, signal);
      await pause(LOOK_MS, undefined, { signal });
    }
  }

  /** Each state after this one, as long as the API goes on. */
  async *#watch({ metadata }: Pod, signal: AbortSignal): AsyncGenerator<Pod> {
    const query = new URLSearchParams({
      ...{ watch: 'true', fieldSelector: `metadata.name=${metadata.name}` },
      ...{ resourceVersion: metadata.resourceVersion, timeoutSeconds: String(WATCH_S) },
    });
    const limit = within((WATCH_S + 10) * 1000, signal);
    const { statusCode, body } = await this.#call({
      ...{ method: 'GET', path: `pods?${query.toString()}`, signal: limit, bodyTimeout: 0 },
    });
    if (statusCode !== 200) await this.#parse(statusCode, body);
    body.on('error', () => undefined);
    try {
      for await (const line of linesOf(body)) {
        const { type, object } = watchEventSchema.parse(JSON.parse(line));
        // A history that is too short, a pod that has gone: it is asked anew.
        if (type !== 'ADDED' && type !== 'MODIFIED') return;
        yield podSchema.parse(object);
      }
    } catch (error) {
      // So it is where the connection was lost.
      signal.throwIfAborted();
      if (error instanceof ZodError) throw error;
    } finally {
      body.destroy();
    }
  }

  /** A command in a container of a pod, with its standard input and output. */
  async exec(
    { name, container, command }: { name: string; container: string; command: readonly string[] },
    signal: AbortSignal,
  ): Promise<ExecStream> {
    const query = new URLSearchParams({ container, stdin: 'true', stdout: 'true', stderr: 'true' });
    for (const word of command) query.append('command', word);
    const url = new URL(this.#path(`pods/${name}/exec?${query.toString()}`), this.#options.url);
    url.protocol = 'wss:';
    const { ca } = await this.#trusted();
    const headers = await this.#headers();
    try {
      return await ExecStream.open(url, { headers, ca, signal });
    } catch (error) {
      if (error instanceof ExecRefused) throw this.#refusal(error.status, error.message);
      throw connectionFault(error);
    }
  }

  async #ask<Answer extends z.ZodType>(schema: Answer, call: Call): Promise<z.output<Answer>> {
    const { statusCode, body } = await this.#call(call);
    return schema.parse(await this.#parse(statusCode, body));
  }

  async #call({ method, path, body, signal, bodyTimeout = ANSWER_MS }: Call) {
    const { agent } = await this.#trusted();
    try {
      return await agent.request({
        origin: this.#options.url.origin,
        ...{ path: this.#path(path), method, headersTimeout: ANSWER_MS, bodyTimeout },
        headers: {
          ...(await this.#headers()),
          ...(body && { 'content-type': 'application/json' }),
        },
        ...(body !== undefined && { body }),
        ...(signal && { signal }),
      });
    } catch (error) {
      if (error instanceof GatewayError) throw error;
      throw connectionFault(error);
    }
  }

  async #parse(status: number, body: Dispatcher.ResponseData['body']): Promise<unknown> {
    const text = await body.text();
    if (status >= 300) throw this.#refusal(status, text);
    return JSON.parse(text);
  }

  #refusal(status: number, text: string): GatewayError {
    const message = statusSchema.safeParse(parseJson(text)).data?.message ?? '';
    return answerFault({ status, message }, this.#options.namespace);
  }

  #path(path: string): string {
    return `/api/v1/namespaces/${this.#options.namespace}/${path}`;
  }

  async #headers(): Promise<Record<string, string>> {
    const token = await readOrSay(this.#options.tokenFile);
    return { authorization: `Bearer ${token.trim()}`, accept: 'application/json' };
  }

  #trusted() {
    const read = async () => {
      const ca = await readOrSay(this.#options.caFile);
      return { ca, agent: new Agent({ connect: { ca, timeout: ANSWER_MS } }) };
    };
    this.#trust ??= read().catch((error: unknown) => {
      this.#trust = undefined;
      throw error;
    });
    return this.#trust;
  }
}

interface Call {
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** Below the namespace. */
  readonly path: string;
  readonly body?: string;
  readonly signal?: AbortSignal;
  readonly bodyTimeout?: number;
}

async function readOrSay(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    throw new GatewayError('kvm_unavailable', `${file} cannot be read (${code})`, { cause });
  }
}

/** As they come; unlike readline it ends with its source, however that ends. */
async function* linesOf(body: Dispatcher.ResponseData['body']): AsyncGenerator<string> {
  let rest = '';
  for await (const chunk of body.setEncoding('utf8')) {
    const lines = (rest + String(chunk)).split('\n');
    rest = lines.pop() ?? '';
    yield* lines;
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
