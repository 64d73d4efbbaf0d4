import {
  type ConsoleKind,
  type ConsoleView,
  type CreatedConsole,
  consoleView,
  createdConsole,
  type MachineList,
  type Me,
  machineList,
  me,
  type RedeemAnswer,
  redeemAnswer,
  type TokenAnswer,
  type TokenRequest,
  tokenAnswer,
} from '../../../server/contract/index.ts';
import { ApiError } from './api-error.ts';
import { type Call, request } from './request.ts';

interface Schema<T> {
  safeParse(value: unknown): { success: true; data: T } | { success: false; error: Error };
}

async function answer<T>(schema: Schema<T>, path: string, call?: Call): Promise<T> {
  const response = await request(path, call);
  const parsed = schema.safeParse(await response.json().catch(() => undefined));
  if (parsed.success) return parsed.data;
  throw new ApiError('internal', `unexpected answer of ${path}`, { cause: parsed.error });
}

/** The portal's calls: who is asking is in the session cookie. */
export const portalApi = {
  me: (): Promise<Me> => answer(me, '/me'),

  login: (username: string, password: string): Promise<Me> =>
    answer(me, '/login', { method: 'POST', body: { username, password } }),

  logout: async (): Promise<void> => {
    await request('/logout', { method: 'POST' });
  },

  machines: (q: string, cursor: string | null, signal: AbortSignal): Promise<MachineList> => {
    const query = new URLSearchParams();
    if (q) query.set('q', q);
    if (cursor) query.set('cursor', cursor);
    return answer(machineList, query.size ? `/machines?${query}` : '/machines', { signal });
  },

  open: (machine: string, kind: ConsoleKind): Promise<CreatedConsole> =>
    answer(createdConsole, '/consoles', { method: 'POST', body: { machine, kind } }),
};

/**
 * The calls of one console's page. The bearer of a redeemed launch key lives in this object only:
 * where a browser blocks cookies (a portal's iframe), it says who is asking.
 */
export class ConsoleApi {
  readonly #path: string;
  #bearer: string | null = null;

  constructor(id: string) {
    this.#path = `/consoles/${encodeURIComponent(id)}`;
  }

  async redeem(key: string): Promise<RedeemAnswer> {
    const redeemed = await answer(redeemAnswer, `${this.#path}/redeem`, {
      method: 'POST',
      body: { key },
    });
    this.#bearer = redeemed.bearer;
    return redeemed;
  }

  look(): Promise<ConsoleView> {
    return answer(consoleView, this.#path, { bearer: this.#bearer });
  }

  token(body: TokenRequest): Promise<TokenAnswer> {
    return answer(tokenAnswer, `${this.#path}/token`, {
      method: 'POST',
      body,
      bearer: this.#bearer,
    });
  }

  /** By the gateway's own step. */
  extend(): Promise<ConsoleView> {
    return answer(consoleView, `${this.#path}/extend`, {
      method: 'POST',
      body: {},
      bearer: this.#bearer,
    });
  }

  async close(): Promise<void> {
    await request(this.#path, { method: 'DELETE', bearer: this.#bearer });
  }

  /** Opens the stream of Server-Sent Events; the caller reads the body. */
  events(signal: AbortSignal): Promise<Response> {
    return request(`${this.#path}/events`, {
      accept: 'text/event-stream',
      bearer: this.#bearer,
      signal,
    });
  }
}
