import type { ErrorRequestHandler, Request, RequestHandler, Response } from 'express';
import type { StatusCode } from '../contract/index.ts';
import { GatewayError, problemOf, toGatewayError } from '../errors.ts';
import type { Logger } from '../log.ts';

function sendProblem(response: Response, error: GatewayError): void {
  setRetryAfter(response, error);
  if (error.row.http === 401) response.set('WWW-Authenticate', 'Bearer realm="rackside"');
  response.status(error.row.http).type('application/problem+json').json(problemOf(error));
}

/** Seconds until it is worth to try again: the error's own, or a guess where a part of ours is away. */
export function setRetryAfter(response: Response, { row, retryAfter }: GatewayError): void {
  const seconds = retryAfter ?? (row.http === 503 ? AWAY_SECONDS : undefined);
  if (seconds !== undefined) response.set('Retry-After', String(seconds));
}

const AWAY_SECONDS = 5;

/** Errors of Express's own body parsers and router, by their HTTP status. */
const FOREIGN: Readonly<Record<number, StatusCode>> = {
  400: 'invalid_request',
  // How the static files refuse a path that leads out of their folder.
  403: 'not_found',
  404: 'not_found',
  413: 'payload_too_large',
  415: 'unsupported_media_type',
};

/** What may be told of anything thrown in a router, Express's own errors included. */
export function gatewayErrorOf(error: unknown): GatewayError {
  const status = (error as { status?: unknown } | undefined)?.status;
  const code = typeof status === 'number' ? FOREIGN[status] : undefined;
  if ((error as { type?: unknown } | undefined)?.type === 'entity.parse.failed') {
    return new GatewayError('invalid_request', 'the body is not valid JSON', { cause: error });
  }
  if (error instanceof GatewayError || !code) return toGatewayError(error);
  return new GatewayError(code, `the request cannot be read: ${code.replaceAll('_', ' ')}`, {
    cause: error,
  });
}

/** What Node's HTTP parser made of bytes that are no request: its `clientError`. */
export function unreadable({ code }: NodeJS.ErrnoException): GatewayError {
  if (code === 'HPE_HEADER_OVERFLOW') {
    return new GatewayError('payload_too_large', 'the request line and headers are too long');
  }
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') {
    return new GatewayError('client_timeout', 'the request did not come in time');
  }
  return new GatewayError('invalid_request', 'this is no HTTP request');
}

/** Logs what is no fault of the caller, whole; the path without its query. */
export function logFailure(log: Logger, request: Request, error: GatewayError): void {
  if (error.row.http < 500) return;
  const level = error.status === 'internal' ? 'error' : 'warn';
  const { method, baseUrl, path } = request;
  const context = { method, path: baseUrl + path, err: error, cause: error.cause };
  log[level](context, 'request failed');
}

/** The last handler: every error becomes problem+json, unknown ones masked and logged whole. */
export function problemHandler(log: Logger): ErrorRequestHandler {
  return (error: unknown, request, response, next) => {
    const gatewayError = gatewayErrorOf(error);
    logFailure(log, request, gatewayError);
    if (response.headersSent) next(error);
    else sendProblem(response, gatewayError);
  };
}

export const notFound: RequestHandler = (request) => {
  throw new GatewayError('not_found', `there is nothing at ${request.path}`);
};

/** For a known path: which methods it has. */
export function methodNotAllowed(...allowed: string[]): RequestHandler {
  return (request, response) => {
    response.set('Allow', allowed.join(', '));
    throw new GatewayError(
      'method_not_allowed',
      `${request.method} is not possible here, but ${allowed.join(', ')}`,
    );
  };
}
