import type { RequestHandler } from 'express';
import { GatewayError } from '../errors.ts';

const SAFE = new Set(['GET', 'HEAD', 'OPTIONS']);

/** Whether a browser's page of this origin may call; shared with the tunnel's upgrade. */
export interface OriginCheck {
  allows(
    origin: string | undefined,
    headers: NodeJS.Dict<string | string[]>,
    remoteAddress: string | undefined,
  ): boolean;
}

/**
 * Refuses what a foreign page makes a browser send (CSRF), by what browsers themselves say of the
 * request: Origin, and Sec-Fetch-Site where there is none. See docs/decisions/0001.
 */
export function refuseCrossSite(origins: OriginCheck, publicUrl: string): RequestHandler {
  return (request, _response, next) => {
    if (SAFE.has(request.method)) return next();
    const { origin, 'sec-fetch-site': site } = request.headers;
    const foreign =
      origin === undefined
        ? site !== undefined && site !== 'same-origin' && site !== 'none'
        : !origins.allows(origin, request.headers, request.socket.remoteAddress);
    if (foreign) {
      const message = `this call came from a page of another site; come by ${publicUrl}`;
      throw new GatewayError('cross_site', message);
    }
    return next();
  };
}
