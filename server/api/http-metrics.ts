import type { RequestHandler } from 'express';
import type { Operation } from '../contract/index.ts';
import { operationFinder } from './operation-finder.ts';

/** `1xx` to `5xx`; `cut` where the caller left before the answer was whole. */
export type StatusClass = `${number}xx` | 'cut';

/** What is counted of requests over HTTP. */
export interface HttpMetrics {
  /**
   * Its operation by the name in the table; `page` for what browsers load, and for what is not there.
   * No time of event streams: it is as long as somebody listens.
   */
  answered(operation: string, status: StatusClass, seconds: number | null): void;
}

/** Counts every request by what it asked for and how it was answered. */
export function countRequests(
  operations: Readonly<Record<string, Operation>>,
  metrics: HttpMetrics,
): RequestHandler {
  const find = operationFinder(operations);
  return (request, response, next) => {
    const began = performance.now();
    const { method, path } = request;
    response.once('close', () => {
      const status = response.writableFinished
        ? (`${Math.floor(response.statusCode / 100)}xx` as const)
        : 'cut';
      const found = find(method, path);
      const seconds = found?.operation.events ? null : (performance.now() - began) / 1000;
      metrics.answered(found?.name ?? 'page', status, seconds);
    });
    next();
  };
}
