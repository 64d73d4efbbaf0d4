import * as z from 'zod/mini';
import { type Problem, type StatusCode, problem } from '../contract/index.ts';

/**
 * A code of the status table, or one of a newer gateway that this client does not know; `unreachable`
 * where no gateway answered, `unexpected_answer` where something else did.
 */
export type GatewayErrorCode =
  | StatusCode
  | 'unreachable'
  | 'unexpected_answer'
  | (string & { readonly newer?: never });

/** A call that did not do what it was asked. The message never holds the token. */
export class GatewayClientError extends Error {
  override readonly name = 'GatewayClientError';
  readonly code: GatewayErrorCode;
  /** The HTTP status; null where there was no answer. */
  readonly status: number | null;
  /** The fields at fault, where the gateway named any. */
  readonly errors: NonNullable<Problem['errors']>;

  constructor(
    code: GatewayErrorCode,
    message: string,
    options: { status?: number; errors?: Problem['errors']; cause?: unknown } = {},
  ) {
    super(message, 'cause' in options ? { cause: options.cause } : undefined);
    this.code = code;
    this.status = options.status ?? null;
    this.errors = options.errors ?? [];
  }
}

/** The contract's problem, with codes that only a newer gateway has. */
const anyProblem = z.extend(problem, { code: z.string() });

/** What an answer that is not ok says. */
export async function errorOf(response: Response): Promise<GatewayClientError> {
  const { status } = response;
  const parsed = z.safeParse(anyProblem, await response.json().catch(() => undefined));
  if (parsed.success) {
    const { code, detail, errors } = parsed.data;
    return new GatewayClientError(code, detail, { status, errors });
  }
  if (status >= 502 && status <= 504) {
    // A proxy's own page: there is no gateway behind it now.
    const message = `no gateway answers behind ${originOf(response.url)} (HTTP ${status})`;
    return new GatewayClientError('unreachable', message, { status });
  }
  return unexpectedAnswer(response);
}

/** Something answered, and not as a gateway does. */
export function unexpectedAnswer(response: Response, cause?: unknown): GatewayClientError {
  const { status } = response;
  const to = response.headers.get('location');
  const what = to === null ? `HTTP ${status}` : `a redirect to ${originOf(to, response.url)}`;
  return new GatewayClientError(
    'unexpected_answer',
    `${originOf(response.url)} does not answer as a Rackside gateway does (${what})`,
    { status, ...(cause === undefined ? {} : { cause }) },
  );
}

/** Paths and queries stay out of messages. */
function originOf(url: string, base?: string): string {
  return URL.canParse(url, base) ? new URL(url, base).origin : 'the address';
}
