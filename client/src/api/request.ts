import { problem } from '../../../server/contract/index.ts';
import { ApiError } from './api-error.ts';

export interface Call {
  readonly method?: 'GET' | 'POST' | 'DELETE';
  readonly body?: unknown;
  readonly bearer?: string | null;
  readonly accept?: string;
  readonly signal?: AbortSignal;
}

const BASE = '/api/v1';

/**
 * One call to the gateway. Resolves to a response that is ok; throws ApiError for every other one,
 * with code `network` when there was none. An abort by `signal` is thrown on as it is.
 */
export async function request(path: string, call: Call = {}): Promise<Response> {
  const headers = new Headers({ accept: call.accept ?? 'application/json' });
  if (call.bearer) headers.set('authorization', `Bearer ${call.bearer}`);
  if (call.body !== undefined) headers.set('content-type', 'application/json');

  let response: Response;
  try {
    response = await fetch(BASE + path, {
      method: call.method ?? 'GET',
      headers,
      credentials: 'same-origin',
      cache: 'no-store',
      body: call.body === undefined ? null : JSON.stringify(call.body),
      signal: call.signal ?? null,
    });
  } catch (cause) {
    if (call.signal?.aborted) throw cause;
    throw new ApiError('network', 'the gateway did not answer', { cause });
  }
  if (!response.ok) throw await errorOf(response);
  return response;
}

async function errorOf(response: Response): Promise<ApiError> {
  const parsed = problem.safeParse(await response.json().catch(() => null));
  if (parsed.success) return ApiError.of(parsed.data);
  // A proxy's own error page in front of the gateway, not an answer of ours.
  if (response.status >= 502) return new ApiError('network', `HTTP ${response.status}`);
  return new ApiError('internal', `HTTP ${response.status}`);
}
