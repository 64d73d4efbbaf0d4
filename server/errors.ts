import type { Problem } from './contract/problem.ts';
import { STATUS, type StatusCode } from './contract/status.ts';

export interface FieldError {
  readonly path: string;
  readonly message: string;
}

/**
 * The one error class: a row of the status table, a message for people and, where there is one,
 * the cause. The message names the thing and never a secret; it is what an API client reads.
 */
export class GatewayError extends Error {
  override readonly name = 'GatewayError';
  readonly status: StatusCode;
  readonly errors: readonly FieldError[] | undefined;
  /** Seconds after which it is worth to try again, where that is known. */
  readonly retryAfter: number | undefined;

  constructor(
    status: StatusCode,
    message: string,
    options: { cause?: unknown; errors?: readonly FieldError[]; retryAfter?: number } = {},
  ) {
    super(message, 'cause' in options ? { cause: options.cause } : undefined);
    this.status = status;
    this.errors = options.errors;
    this.retryAfter = options.retryAfter;
  }

  get row(): (typeof STATUS)[StatusCode] {
    return STATUS[this.status];
  }
}

/**
 * What may be told of any thrown thing: a GatewayError as it is, everything else masked as
 * `internal`, with the original as its cause for the log.
 */
export function toGatewayError(error: unknown): GatewayError {
  if (error instanceof GatewayError) return error;
  return new GatewayError('internal', 'something went wrong inside the gateway', { cause: error });
}

/** The body of an error, RFC 9457. */
export function problemOf(error: GatewayError): Problem {
  return {
    type: 'about:blank',
    title: error.status.replaceAll('_', ' '),
    status: error.row.http,
    code: error.status,
    detail: error.message,
    ...(error.errors ? { errors: [...error.errors] } : {}),
  };
}
