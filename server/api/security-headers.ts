import type { RequestHandler } from 'express';
import helmet from 'helmet';

/** What a portal may show inside of its own pages: a console, the way to one, and why there is none. */
const EMBEDDABLE = /^\/(console\/[^/]+\/?|launch|refused\/?)$/;

/**
 * Helmet with a policy that allows our own scripts and styles alone: nothing inline, no foreign
 * origin. Pictures come over the tunnel as blobs; the tunnel's WebSocket is on publicUrl. Nobody may
 * frame a page, but `portals` (web origins) those of consoles.
 */
export function securityHeaders(publicUrl: string, portals: readonly string[]): RequestHandler {
  const closed = headers(publicUrl, ["'none'"], { xFrameOptions: { action: 'deny' } });
  if (portals.length === 0) return closed;
  const embeddable = headers(publicUrl, ["'self'", ...portals], {
    // It knows no list of origins, and a browser that knows frame-ancestors passes it over.
    xFrameOptions: false,
    // A portal that has opened a console in a tab may hear of it. It reaches postMessage, no more.
    crossOriginOpenerPolicy: { policy: 'unsafe-none' },
  });
  return (request, response, next) => {
    (EMBEDDABLE.test(request.path) ? embeddable : closed)(request, response, next);
  };
}

function headers(
  publicUrl: string,
  frameAncestors: string[],
  more: {
    readonly xFrameOptions: false | { readonly action: 'deny' };
    readonly crossOriginOpenerPolicy?: { readonly policy: 'unsafe-none' };
  },
): RequestHandler {
  const tunnel = publicUrl.replace(/^http/, 'ws');
  return helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'none'"],
        scriptSrc: ["'self'"],
        styleSrc: ["'self'"],
        imgSrc: ["'self'", 'blob:', 'data:'],
        mediaSrc: ['blob:'],
        fontSrc: ["'self'"],
        connectSrc: ["'self'", tunnel],
        frameAncestors,
        baseUri: ["'none'"],
        formAction: ["'self'"],
      },
    },
    strictTransportSecurity: publicUrl.startsWith('https:'),
    ...more,
  });
}
