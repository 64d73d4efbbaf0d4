import type * as z from 'zod/mini';
import {
  type ConsoleView,
  type CreatedConsole,
  type MachineQuery,
  type MachineView,
  consoleList,
  consoleView,
  type createConsoleRequest,
  createdConsole,
  machineList,
  machineView,
} from '../contract/index.ts';
import { GatewayClientError, errorOf, unexpectedAnswer } from './gateway-client-error.ts';

export interface GatewayClientOptions {
  /** Where the gateway is; a path is kept (`https://example.com/consoles`). */
  readonly url: string;
  /** An API token. */
  readonly token: string;
  /** Milliseconds until a call is given up. */
  readonly timeout?: number;
}

const TIMEOUT_MS = 20_000;
const PAGE = 200;

interface Schema<T> {
  safeParse(value: unknown): { success: true; data: T } | { success: false; error: Error };
}

interface Call {
  readonly method?: 'GET' | 'POST' | 'DELETE';
  readonly query?: Readonly<Record<string, string | number | undefined>>;
  readonly body?: unknown;
}

/**
 * A gateway's API for an API token, over fetch: for Node and browsers alike. Answers are parsed by
 * the contract's schemas.
 *
 * @throws GatewayClientError from every call.
 */
export class GatewayClient {
  readonly #base: URL;
  readonly #token: string;
  readonly #timeout: number;

  constructor({ url, token, timeout = TIMEOUT_MS }: GatewayClientOptions) {
    this.#base = new URL('api/v1/', url.endsWith('/') ? url : `${url}/`);
    this.#token = token;
    this.#timeout = timeout;
  }

  /** All machines that the token may use, page by page as they are asked for. */
  machines(
    query: Omit<Partial<MachineQuery>, 'limit' | 'cursor'> = {},
  ): AsyncGenerator<MachineView> {
    return this.#pages(machineList, 'machines', query);
  }

  machine(id: string): Promise<MachineView> {
    return this.#answer(machineView, `machines/${encodeURIComponent(id)}`);
  }

  /** The answer holds the console's URL with its launch key, which nothing shows again. */
  open(request: z.input<typeof createConsoleRequest>): Promise<CreatedConsole> {
    return this.#answer(createdConsole, 'consoles', { method: 'POST', body: request });
  }

  /** All open consoles that the token may manage. */
  consoles(): AsyncGenerator<ConsoleView> {
    return this.#pages(consoleList, 'consoles', {});
  }

  console(id: string): Promise<ConsoleView> {
    return this.#answer(consoleView, `consoles/${encodeURIComponent(id)}`);
  }

  /** Moves the deadline by `seconds`, by the gateway's own step where it is absent. */
  extend(id: string, seconds?: number): Promise<ConsoleView> {
    const path = `consoles/${encodeURIComponent(id)}/extend`;
    return this.#answer(consoleView, path, { method: 'POST', body: { seconds } });
  }

  /** Closes a console everywhere. Closing a closed one is no error. */
  async close(id: string): Promise<void> {
    await this.#request(`consoles/${encodeURIComponent(id)}`, { method: 'DELETE' });
  }

  async *#pages<T>(
    schema: Schema<{ items: T[]; next: string | null }>,
    path: string,
    query: NonNullable<Call['query']>,
  ): AsyncGenerator<T> {
    let cursor: string | undefined;
    do {
      const page = await this.#answer(schema, path, { query: { ...query, limit: PAGE, cursor } });
      yield* page.items;
      cursor = page.next ?? undefined;
    } while (cursor !== undefined);
  }

  async #answer<T>(schema: Schema<T>, path: string, call?: Call): Promise<T> {
    const response = await this.#request(path, call);
    const parsed = schema.safeParse(await response.json().catch(() => undefined));
    if (parsed.success) return parsed.data;
    throw unexpectedAnswer(response);
  }

  async #request(path: string, { method = 'GET', query = {}, body }: Call = {}): Promise<Response> {
    const url = new URL(path, this.#base);
    for (const [name, value] of Object.entries(query)) {
      if (value !== undefined) url.searchParams.set(name, String(value));
    }
    let response: Response;
    try {
      response = await fetch(url, {
        method,
        headers: {
          accept: 'application/json',
          authorization: `Bearer ${this.#token}`,
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        // A redirect is a wrong URL; to follow it would turn POST into GET.
        redirect: 'manual',
        signal: AbortSignal.timeout(this.#timeout),
      });
    } catch (cause) {
      throw new GatewayClientError('unreachable', `${url.origin} does not answer`, { cause });
    }
    if (!response.ok) throw await errorOf(response);
    return response;
  }
}
