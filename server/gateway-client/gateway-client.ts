import type { Operation } from '../contract/index.ts';
import type {
  CallAnswer,
  CallArguments,
  CallEvent,
  CallInput,
  CallItem,
  CallPage,
} from './call-types.ts';
import { EventStreamParser } from './event-stream.ts';
import { GatewayClientError, errorOf, unexpectedAnswer } from './gateway-client-error.ts';
import { Patience } from './patience.ts';

export interface GatewayClientOptions {
  /** Where the gateway is; a path is kept (`https://example.com/consoles`). */
  readonly url: string;
  /** An API token or a console's bearer, asked for at each call; without one, the browser's cookie. */
  readonly token?: string | (() => string | null);
  /** A session's cookie, for programs that have signed in: browsers bring their own. */
  readonly cookie?: string;
  /** Milliseconds until a call is given up that does not take longer by itself; for events, until they begin. */
  readonly timeout?: number;
}

const TIMEOUT_MS = 20_000;
const PAGE = 200;

/** An operation that takes JSON or nothing: the form is for scripts that send no other. */
type Callable = Operation & { readonly form?: never };

/** What `CallInput` is without its operation. */
interface AnyInput {
  readonly params?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string | number | boolean | undefined>>;
  readonly body?: unknown;
  readonly signal?: AbortSignal;
}

/**
 * A gateway's API over fetch, for Node and browsers alike, typed by the contract's operations:
 * `client.call(openConsole, { body: { machine: 'lab:desk' } })`. Answers are parsed by the contract's
 * schemas.
 *
 * @throws GatewayClientError from every call; the reason of its signal where that aborted.
 */
export class GatewayClient {
  readonly #base: URL;
  readonly #token: () => string | null;
  readonly #cookie: string | undefined;
  readonly #timeout: number;

  constructor({ url, token = () => null, cookie, timeout = TIMEOUT_MS }: GatewayClientOptions) {
    this.#base = new URL(url.endsWith('/') ? url : `${url}/`);
    this.#token = typeof token === 'string' ? () => token : token;
    this.#cookie = cookie;
    this.#timeout = timeout;
  }

  async call<O extends Callable>(
    operation: O,
    ...[input = {} as CallInput<O>]: CallArguments<O>
  ): Promise<CallAnswer<O>> {
    const { within = 0 } = operation;
    const patience = new Patience(Math.max(this.#timeout, within * 1000), input.signal);
    try {
      const response = await this.#fetch(operation, input, patience);
      const schema = operation.answers[response.status];
      if (schema === undefined) throw unexpectedAnswer(response);
      if (schema === null) return undefined as CallAnswer<O>;
      const parsed = schema.safeParse(await response.json().catch(() => undefined));
      if (parsed.success) return parsed.data as CallAnswer<O>;
      throw unexpectedAnswer(response);
    } finally {
      patience.end();
    }
  }

  /** All items of a list, page by page as they are asked for. */
  async *all<O extends Callable>(
    operation: O,
    ...args: CallArguments<O>
  ): AsyncGenerator<CallItem<O>> {
    for await (const page of this.pages(operation, ...args)) {
      yield* page.items as readonly CallItem<O>[];
    }
  }

  /** The same list by its pages. */
  async *pages<O extends Callable>(
    operation: O,
    ...[input = {} as CallInput<O>]: CallArguments<O>
  ): AsyncGenerator<CallPage<O>> {
    const { query = {} } = input as AnyInput;
    let cursor: string | null = null;
    do {
      const asked = { ...query, limit: PAGE, ...(cursor !== null && { cursor }) };
      const args = [{ ...input, query: asked }] as unknown as CallArguments<O>;
      const page = (await this.call(operation, ...args)) as CallPage<O>;
      yield page;
      cursor = page.next;
    } while (cursor !== null);
  }

  /** The operation's Server-Sent Events until the gateway ends them; it does not connect again. */
  async *events<O extends Callable>(
    operation: O,
    ...[input = {} as CallInput<O>]: CallArguments<O>
  ): AsyncGenerator<CallEvent<O>> {
    const patience = new Patience(this.#timeout, input.signal);
    try {
      const response = await this.#fetch(operation, input, patience);
      patience.stopClock();
      const parser = new EventStreamParser();
      for await (const text of textOf(response)) {
        for (const { data } of parser.push(text)) {
          const parsed = operation.events?.safeParse(parseJson(data));
          if (parsed?.success) yield parsed.data as CallEvent<O>;
        }
      }
    } finally {
      patience.end();
    }
  }

  async #fetch(operation: Operation, input: AnyInput, patience: Patience): Promise<Response> {
    const { method, path, events } = operation;
    const { params = {}, query = {}, body } = input;
    const named = path.replaceAll(/\{(\w+)\}/g, (_, name: string) =>
      encodeURIComponent(params[name] ?? ''),
    );
    const url = new URL(`.${named}`, this.#base);
    for (const [name, value] of Object.entries(query)) {
      if (value !== undefined) url.searchParams.set(name, String(value));
    }
    const headers = new Headers({ accept: events ? 'text/event-stream' : 'application/json' });
    const token = this.#token();
    if (token !== null) headers.set('authorization', `Bearer ${token}`);
    if (this.#cookie !== undefined) headers.set('cookie', this.#cookie);
    if (body !== undefined) headers.set('content-type', 'application/json');
    let response: Response;
    try {
      response = await fetch(url, {
        method,
        headers,
        body: body === undefined ? null : JSON.stringify(body),
        credentials: 'same-origin',
        // A redirect is a wrong URL; to follow it would turn POST into GET.
        redirect: 'manual',
        signal: patience.signal,
      });
    } catch (cause) {
      if (input.signal?.aborted) throw cause;
      throw new GatewayClientError('unreachable', `${url.origin} does not answer`, { cause });
    }
    if (!response.ok) throw await errorOf(response);
    return response;
  }
}

/** Not every browser can iterate a body. */
async function* textOf({ body }: Response): AsyncGenerator<string> {
  const reader = body?.getReader();
  const decoder = new TextDecoder();
  try {
    for (;;) {
      const read = await reader?.read();
      if (!read || read.done) return;
      yield decoder.decode(read.value, { stream: true });
    }
  } finally {
    await reader?.cancel().catch(() => undefined);
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
