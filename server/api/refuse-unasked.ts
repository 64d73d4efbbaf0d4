import type { RequestHandler } from 'express';
import * as z from 'zod/mini';
import type { Operation } from '../contract/index.ts';
import { GatewayError } from '../errors.ts';
import { operationFinder } from './operation-finder.ts';
import { parse } from './parse.ts';

const NOTHING = z.strictObject({});

/**
 * Refuses of every call in the table what its router would pass over in silence: a parameter given
 * twice or not known, and a body where none is taken.
 */
export function refuseUnasked(operations: Readonly<Record<string, Operation>>): RequestHandler {
  const find = operationFinder(operations);
  return (request, _response, next) => {
    const found = find(request.method, request.baseUrl + request.path);
    if (!found) return next();
    const { query, body } = found.operation;
    for (const [name, value] of Object.entries(request.query)) {
      if (Array.isArray(value)) throw fault(name, 'is given more than once');
    }
    parse(query ?? NOTHING, request.query);
    const [field] = Object.keys((request.body as object | undefined) ?? {});
    if (!body && field !== undefined) throw fault(field, 'this call takes no body');
    return next();
  };
}

function fault(path: string, message: string): GatewayError {
  return new GatewayError('invalid_request', `${path}: ${message}`, {
    errors: [{ path, message }],
  });
}
